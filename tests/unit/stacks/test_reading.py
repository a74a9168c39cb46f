"""Configuration, parsed once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.session import get_session

from stacks.reading import read
from stacks.regions import BARE, CONNECT, OFFERED, VOICE_CONNECTORS
from stacks.settings import PREPARED_FILE, CentreSettings, GlobalSettings, ReplicaSettings, SettingsRefused

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
INDEPENDENT = {"continuity": "independent-instances"}
GLOBAL = {"role": "global", **REGIONS, "zone_name": "contact.example", "front_door": "desk"}
ORIGINATION = {side: {"hosts": [f"sbc.{side}-entry.contact.example"]} for side in ("primary", "standby")}
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


def test_an_unknown_continuity_model_is_refused(tmp_path: Path) -> None:
    (told,) = faults(tmp_path, **PRIMARY, continuity="hope")
    assert told == "continuity: 'hope' is none of global-resiliency, independent-instances"


@pytest.mark.parametrize("side", ["primary", "standby"])
def test_where_instances_are_independent_each_side_declares_a_contact_centre(tmp_path: Path, side: str) -> None:
    settings = read(Keys(PRIMARY | INDEPENDENT | {"role": side}), settings_dir=tmp_path)
    assert isinstance(settings, CentreSettings)
    assert (settings.role, settings.region) == (side, REGIONS[f"{side}_region"])


def test_independent_instances_live_wherever_aws_offers_what_they_need(tmp_path: Path) -> None:
    apart = {"primary_region": "ca-central-1", "standby_region": "ap-southeast-2"}
    assert read(Keys(PRIMARY | INDEPENDENT | apart), settings_dir=tmp_path)
    assert any("no Global Resiliency" in told for told in faults(tmp_path, **PRIMARY | apart))


@pytest.mark.parametrize(
    ("region", "says"),
    [
        ("us-east-1", "both are us-east-1"),
        ("ap-northeast-3", "no Amazon Connect in ap-northeast-3"),
        ("eu-west-1", "no Amazon Connect in eu-west-1"),
        ("af-south-1", "no Voice Connectors in af-south-1"),
    ],
)
def test_a_region_that_independent_instances_cannot_have_is_refused(tmp_path: Path, region: str, says: str) -> None:
    told = faults(tmp_path, **PRIMARY | INDEPENDENT | {"standby_region": region})
    assert any(says in fault for fault in told)


def test_the_regions_are_those_that_botocore_knows() -> None:
    session = get_session()
    assert frozenset(session.get_available_regions("connect")) == CONNECT
    region = session.get_service_model("chime-sdk-voice").shape_for("VoiceConnectorAwsRegion")
    assert frozenset(region.enum) == VOICE_CONNECTORS  # type: ignore[attr-defined] # shapes of texts have it


TOKYO_TO_OSAKA = {"primary_region": "ap-northeast-1", "standby_region": "ap-northeast-3"}


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({**GLOBAL, "origination": ORIGINATION}, "origination: AWS offers none of it in ap-northeast-3; remove it"),
        ({"desktops": {"general": {"count": 1}}}, "desktops: AWS offers none of it in ap-northeast-3; remove it"),
        (
            {"bots": {"help": {"bot_id": "B", "alias_id": "A"}}},
            "bots: AWS offers none of it in ap-northeast-3; remove it",
        ),
    ],
    ids=["voice connectors", "desktops", "bots"],
)
def test_what_a_replicas_region_lacks_is_refused_there(tmp_path: Path, keys: dict[str, Any], says: str) -> None:
    standby = {"role": "standby", "desktop_directory": "d", "desktop_bundle": "b", **FACTS}
    assert says in faults(tmp_path, **{**standby, **keys, **TOKYO_TO_OSAKA})


def test_that_region_is_the_one_of_all_pairs_that_botocore_knows_without_them() -> None:
    session = get_session()
    both = set(session.get_available_regions("workspaces")) & set(session.get_available_regions("lexv2-models"))
    regions = CONNECT | {region for pair in OFFERED for region in pair}
    assert regions - (both & VOICE_CONNECTORS) >= BARE
    assert regions - both == BARE


@pytest.mark.parametrize("side", ["primary", "standby"])
def test_what_prepares_a_replica_is_refused_where_instances_are_independent(tmp_path: Path, side: str) -> None:
    (tmp_path / PREPARED_FILE).write_text(json.dumps(FACTS))
    told = faults(tmp_path, **PRIMARY | INDEPENDENT | FACTS | {"role": side})
    assert [fault.partition(":")[0] for fault in told] == [*FACTS, str(tmp_path / PREPARED_FILE)]


def test_what_aws_mirrors_is_refused_in_a_replica(tmp_path: Path) -> None:
    told = faults(tmp_path, **PRIMARY | FACTS | {"role": "standby"})
    assert [fault.partition(":")[0] for fault in told] == [
        "instance_alias", "queues", "agent_groups", "lines", "number_country",
    ]  # fmt: skip
    assert all("AWS mirrors it" in fault for fault in told)


def test_independent_instances_need_to_know_where_their_calls_go(tmp_path: Path) -> None:
    (told,) = faults(tmp_path, **GLOBAL | INDEPENDENT)
    assert told.startswith("origination: a table of names is needed")
    settings = read(Keys(GLOBAL | INDEPENDENT, origination=ORIGINATION), settings_dir=tmp_path)
    assert isinstance(settings, GlobalSettings)
    assert settings.telephony is not None
    assert {each.name: (each.hosts, each.port) for each in settings.telephony.origination} == {
        side: ([f"sbc.{side}-entry.contact.example"], 5061) for side in ("primary", "standby")
    }


def test_a_replica_needs_no_telephony_of_ours_and_may_have_it(tmp_path: Path) -> None:
    without = read(Keys(GLOBAL), settings_dir=tmp_path)
    assert isinstance(without, GlobalSettings)
    assert without.telephony is None
    with_it = read(Keys(GLOBAL, origination=ORIGINATION), settings_dir=tmp_path)
    assert isinstance(with_it, GlobalSettings)
    assert with_it.telephony is not None


@pytest.mark.parametrize(
    ("origination", "says"),
    [
        ({"primary": ORIGINATION["primary"]}, "origination: names primary; name primary and standby"),
        ({**ORIGINATION, "spare": {"hosts": ["h"]}}, "origination: names primary, standby, spare"),
        ({**ORIGINATION, "standby": {"hosts": []}}, "origination.standby.hosts: 0 given, 1 to 20 needed"),
        ({**ORIGINATION, "standby": {"hosts": ["h"] * 21}}, "origination.standby.hosts: 21 given"),
        ({**ORIGINATION, "standby": {"hosts": ["h"], "port": 65_536}}, "origination.standby.port: 65536 is above"),
    ],
)
def test_an_origination_that_no_voice_connector_takes_is_refused(
    tmp_path: Path, origination: dict[str, Any], says: str
) -> None:
    (told,) = faults(tmp_path, **GLOBAL, origination=origination)
    assert told.startswith(says)


def test_a_sip_rule_has_a_trigger_and_a_target_on_each_side(tmp_path: Path) -> None:
    targets = {side: {"application": f"sma-{side}"} for side in ("primary", "standby")}
    rule = {"sip_rule_trigger": "+12065550142", "sip_rule_targets": targets}
    settings = read(Keys(GLOBAL, origination=ORIGINATION, **rule), settings_dir=tmp_path)
    assert isinstance(settings, GlobalSettings)
    assert settings.telephony is not None
    assert settings.telephony.rule is not None
    assert [each.application for each in settings.telephony.rule.targets] == ["sma-primary", "sma-standby"]
    half = {"sip_rule_targets": {"primary": targets["primary"]}}
    told = faults(tmp_path, **GLOBAL, origination=ORIGINATION, **half)
    assert [fault.partition(":")[0] for fault in told] == ["sip_rule_targets", "sip_rule_trigger"]
