"""Configuration, parsed once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from stacks.reading import read
from stacks.settings import PREPARED_FILE, CentreSettings, ReplicaSettings, SettingsRefused

if TYPE_CHECKING:
    from pathlib import Path

REGIONS = {"primary_region": "us-east-1", "standby_region": "us-west-2"}
PRIMARY = {
    "role": "primary",
    **REGIONS,
    "instance_alias": "example",
    "queues": {"general": {"max_contacts": 5}, "unlimited": None},
    "agent_groups": {"general": {"agents": 2, "queues": ["general"]}},
    "lines": {"general": {"queue": "general"}},
    "number_country": "US",
}
GROUP = "arn:aws:connect:us-east-1:123456789012:traffic-distribution-group/"
FACTS = {"instance_id": "i", "traffic_group_arn": f"{GROUP}a", "default_traffic_group_arn": f"{GROUP}b"}


class Keys(dict[str, Any]):
    def get_object(self, key: str) -> Any:
        return self.get(key)


def faults(tmp_path: Path, **keys: Any) -> tuple[str, ...]:
    with pytest.raises(SettingsRefused) as refused:
        read(Keys(keys), settings_dir=tmp_path)
    return refused.value.faults


def test_the_primary_reads_its_tables_with_their_defaults(tmp_path: Path) -> None:
    settings = read(Keys(PRIMARY), settings_dir=tmp_path)
    assert isinstance(settings, CentreSettings)
    assert [(queue.name, queue.max_contacts) for queue in settings.queues] == [("general", 5), ("unlimited", None)]
    assert (settings.lines[0].numbers, settings.number_type) == (1, "DID")


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    wrong = {
        **PRIMARY,
        "standby_region": "eu-central-1",
        "instance_alias": "",
        "queues": {"general": {"max_contacs": 5}},
        "agent_groups": {"general": {"agents": "many", "queues": "general"}},
        "lines": {"general": {"numbers": 0}},
        "number_type": "MOBILE",
    }
    told = faults(tmp_path, **wrong)
    for fragment in (
        "from us-east-1 to eu-central-1",
        "instance_alias: missing",
        "queues.general: unknown key 'max_contacs'",
        "agent_groups.general.agents: 'many' is not a whole number from 1",
        "agent_groups.general.queues: 'general' is not a list of names",
        "lines.general: queue is missing",
        "lines.general.numbers: 0 is not a whole number from 1",
        "number_type: 'MOBILE'",
    ):
        assert any(fragment in fault for fault in told), fragment


def test_an_unknown_role_is_refused(tmp_path: Path) -> None:
    assert any("none of global, primary, standby" in fault for fault in faults(tmp_path, role="spare", **REGIONS))


@pytest.mark.parametrize("table", ["agent_groups", "lines"])
def test_an_empty_table_is_refused(tmp_path: Path, table: str) -> None:
    assert faults(tmp_path, **{**PRIMARY, table: {}}) == (
        f"{table}: a table of names is needed, each with its own keys",
    )


def test_there_may_be_no_queue_but_only_if_the_configuration_says_so(tmp_path: Path) -> None:
    settings = read(Keys({**PRIMARY, "queues": {}}), settings_dir=tmp_path)
    assert isinstance(settings, CentreSettings)
    assert settings.queues == ()
    unsaid = {key: value for key, value in PRIMARY.items() if key != "queues"}
    assert faults(tmp_path, **unsaid) == ("queues: a table of names is needed, each with its own keys",)


def test_osaka_is_a_replica_of_tokyo_but_not_the_reverse(tmp_path: Path) -> None:
    tokyo, osaka = "ap-northeast-1", "ap-northeast-3"
    assert read(Keys(PRIMARY | {"primary_region": tokyo, "standby_region": osaka}), settings_dir=tmp_path)
    told = faults(tmp_path, **PRIMARY | {"primary_region": osaka, "standby_region": tokyo})
    assert any("no Global Resiliency" in fault for fault in told)


def test_the_standby_reads_what_prepare_standby_recorded(tmp_path: Path) -> None:
    (tmp_path / PREPARED_FILE).write_text(json.dumps(FACTS))
    settings = read(Keys(role="standby", **REGIONS), settings_dir=tmp_path)
    assert isinstance(settings, ReplicaSettings)
    assert settings.traffic_group_arn == FACTS["traffic_group_arn"]


def test_a_configured_key_wins_over_the_record(tmp_path: Path) -> None:
    (tmp_path / PREPARED_FILE).write_text(json.dumps(FACTS))
    settings = read(Keys(role="standby", instance_id="ours", **REGIONS), settings_dir=tmp_path)
    assert isinstance(settings, ReplicaSettings)
    assert (settings.instance_id, settings.traffic_group_arn) == ("ours", FACTS["traffic_group_arn"])


def test_a_standby_that_is_not_prepared_says_what_to_execute(tmp_path: Path) -> None:
    told = faults(tmp_path, role="standby", **REGIONS)
    assert len(told) == 3
    assert all("execute prepare-standby" in fault for fault in told)


@pytest.mark.parametrize("content", ["{", '["a"]', '{"instance_id": 5}'])
def test_a_broken_record_is_refused_with_its_path(tmp_path: Path, content: str) -> None:
    (tmp_path / PREPARED_FILE).write_text(content)
    assert any(PREPARED_FILE in fault for fault in faults(tmp_path, role="standby", **REGIONS))


def test_a_group_of_the_wrong_region_is_refused(tmp_path: Path) -> None:
    elsewhere = FACTS | {"traffic_group_arn": GROUP.replace("us-east-1", "us-west-2") + "a"}
    (told,) = faults(tmp_path, role="standby", **REGIONS, **elsewhere)
    assert told.startswith("traffic_group_arn: ")
