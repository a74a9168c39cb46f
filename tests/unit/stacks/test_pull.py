"""Pulling: what three stacks give becomes an inventory, or a sentence about why not. The command itself is not run."""

from __future__ import annotations

import tomllib
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pulumi import automation
from pulumi.automation import CommandResult, OutputValue
from pulumi.automation.errors import CommandError, InvalidVersionError, StackNotFoundError

from drills.build import PREPARE
from drills.simulator.cloud import SimulatedCloud
from drills.simulator.provision import PROJECT as PROVISIONED
from drills.simulator.provision import provision
from orchestrator.model.errors import InvalidInput
from orchestrator.model.inventory import Connect
from stacks.pull import BEFORE_STANDBY, PROJECT, ROLES, composed, outputs_of, pulled

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[3]
AT = "2026-11-22T03:00:00.000Z"
GROUP = "arn:aws:connect:us-east-1:111122223333:traffic-distribution-group/"


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The three roles' outputs, as the program gives them when it is carried out in the simulator."""
    outputs: dict[str, Any] = {}
    with SimulatedCloud(5, settings_dir=tmp_path_factory.mktemp("pull")) as cloud, cloud.network.building():
        for role in ROLES:
            primary = outputs.get("primary", {}).get("inventory", {}).get("connect", {})
            few = {"agent_groups": {"vip": {"agents": 2, "queues": ["vip"]}}}
            prepared = {"instance_id": primary.get("instance_id"), "traffic_group_arn": f"{GROUP}a",
                        "default_traffic_group_arn": f"{GROUP}b"}  # fmt: skip
            if role == "standby":
                cloud.door.client("connect", "us-east-1").replicate_instance(
                    InstanceId=primary["instance_id"], ReplicaRegion="us-west-2", ReplicaAlias="replica-example"
                )
            outputs[role] = provision(
                role, client=cloud.door.client, config_dir=ROOT / "config", account=cloud.account, outputs=outputs,
                overrides={"primary": few, "standby": prepared}.get(role), clock=cloud.clock,
            ).outputs  # fmt: skip
    return outputs


class Workspace:
    """What the Automation API offers of a project folder; `say` decides what each stack answers."""

    say: Callable[[str], dict[str, OutputValue]]
    asked: list[str]

    def __init__(self, *, work_dir: str) -> None:
        assert (Path(work_dir) / "Pulumi.yaml").exists()

    def stack_outputs(self, name: str) -> dict[str, OutputValue]:
        type(self).asked.append(name)
        return type(self).say(name)


@pytest.fixture
def workspace(monkeypatch: pytest.MonkeyPatch) -> type[Workspace]:
    class Own(Workspace):
        asked: list[str] = []  # noqa: RUF012 - one class for each test

    monkeypatch.setattr(automation, "LocalWorkspace", Own)
    return Own


def shown(exported: dict[str, Any]) -> Callable[[str], dict[str, OutputValue]]:
    return lambda name: {
        key: OutputValue(value, secret=False) for key, value in exported[name.rpartition("/")[2]].items()
    }


def test_what_the_program_exports_is_pulled_as_one_sealed_inventory(
    workspace: type[Workspace], exported: dict[str, Any]
) -> None:
    workspace.say = shown(exported)
    inventory = pulled(ROOT, organization="", taken_at=AT)
    assert workspace.asked == list(ROLES)
    assert inventory.digest == inventory.sealed().digest
    assert inventory.taken_at == AT
    assert inventory.standby.connect.traffic_group_arn == f"{GROUP}a"
    assert set(inventory.primary.connect.queues) == {"general", "overflow", "vip"}


def test_before_the_standby_is_up_the_other_two_stacks_give_what_prepares_it(
    workspace: type[Workspace], exported: dict[str, Any]
) -> None:
    workspace.say = shown({role: exported[role] for role in BEFORE_STANDBY})
    inventory = pulled(ROOT, organization="", taken_at=AT, provisional=True)
    assert workspace.asked == ["global", "primary"]
    assert inventory.provisional
    assert inventory.standby.region == "us-west-2"
    assert inventory.primary.connect == Connect.model_validate(exported["primary"]["inventory"]["connect"])
    assert not composed(exported, taken_at=AT).provisional


def test_a_stack_that_a_provisional_snapshot_needs_is_named(exported: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="stack primary exports no inventory"):
        composed({"global": exported["global"]}, roles=BEFORE_STANDBY, taken_at=AT)


def test_stacks_of_an_organization_are_named_in_full(workspace: type[Workspace], exported: dict[str, Any]) -> None:
    workspace.say = shown(exported)
    outputs_of(ROOT, organization="example")
    assert workspace.asked == [f"example/{PROJECT}/{role}" for role in ROLES]


def test_the_project_is_the_one_of_pulumi_yaml() -> None:
    assert f"name: {PROJECT}\n" in (ROOT / "Pulumi.yaml").read_text()
    assert PROJECT == PROVISIONED


def refusing(kind: type[Exception], said: str = "") -> Callable[[str], dict[str, OutputValue]]:
    def say(_name: str) -> dict[str, OutputValue]:
        raise kind(CommandResult("a secret", f"warning: x\nerror: {said}\n", 1) if said else "too old")

    return say


@pytest.mark.parametrize(
    ("kind", "said", "why"),
    [
        (FileNotFoundError, "", "the pulumi command is not installed"),
        (InvalidVersionError, "", "too old"),
        (StackNotFoundError, "no stack named 'global' found", "no stack named 'global' found"),
        (CommandError, "PULUMI_ACCESS_TOKEN must be set", "PULUMI_ACCESS_TOKEN must be set"),
    ],
)
def test_whatever_stops_pulumi_is_a_sentence_with_a_remedy(
    workspace: type[Workspace], kind: type[Exception], said: str, why: str
) -> None:
    workspace.say = refusing(kind, said)
    with pytest.raises(InvalidInput) as caught:
        outputs_of(ROOT)
    assert why in caught.value.what
    assert "a secret" not in caught.value.what
    assert caught.value.remedy
    assert caught.value.exit_code == 2


def test_a_folder_without_a_project_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"no Pulumi\.yaml"):
        outputs_of(tmp_path)


def test_an_inventory_kept_secret_is_not_written_in_the_clear(
    workspace: type[Workspace], exported: dict[str, Any]
) -> None:
    workspace.say = lambda name: {"inventory": OutputValue(exported[name]["inventory"], secret=True)}
    with pytest.raises(InvalidInput, match="secret"):
        outputs_of(ROOT)


def test_other_secrets_are_left_where_they_are(workspace: type[Workspace]) -> None:
    workspace.say = lambda _: {"inventory": OutputValue({}, secret=False), "password": OutputValue("x", secret=True)}
    assert outputs_of(ROOT)["global"] == {"inventory": {}}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_that_exports_nothing_is_named(exported: dict[str, Any], role: str) -> None:
    with pytest.raises(InvalidInput, match=f"stack {role} exports no inventory"):
        composed({**exported, role: {}}, taken_at=AT)


def test_a_renamed_export_is_named_by_its_field(exported: dict[str, Any]) -> None:
    body = dict(exported["primary"]["inventory"])
    body["flag_table"] = body.pop("flags_table")
    with pytest.raises(InvalidInput, match=r"flags_table: Field required.*flag_table: Extra inputs"):
        composed({**exported, "primary": {"inventory": body}}, taken_at=AT)


def test_a_standby_of_another_instance_is_told_with_what_mends_it(exported: dict[str, Any]) -> None:
    body = exported["standby"]["inventory"]
    other = {**body, "connect": {**body["connect"], "instance_id": "another"}}
    with pytest.raises(InvalidInput, match=PREPARE):
        composed({**exported, "standby": {"inventory": other}}, taken_at=AT)


def test_the_entry_point_names_what_pulls() -> None:
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    module, _, name = groups["failover.inventories"]["pulumi"].partition(":")
    assert getattr(import_module(module), name) is pulled
