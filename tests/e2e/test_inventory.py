"""`failover inventory` as people and machines meet it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from drills.simulator.aws.connect import estate
from drills.simulator.aws.connect.resources import Queue
from orchestrator.wiring import pulling

if TYPE_CHECKING:
    from collections.abc import Callable

    from drills.simulator.cloud import SimulatedCloud

DECLARED = "version: 1\ndifferences:\n- {path: %s, reason: ordered for the spring, at_least: %s}\n"


@pytest.fixture
def fewer_desktops(centre: Any) -> None:
    """A standby with half of the desktops."""
    centre.change(
        "config/Pulumi.standby.yaml",
        ("general: {count: 28}", "general: {count: 2}"),
        ("vip: {count: 20}", "vip: {count: 2}"),
    )
    centre.change(
        "config/Pulumi.primary.yaml",
        ("general: {count: 28}", "general: {count: 4}"),
        ("vip: {count: 20}", "vip: {count: 4}"),
    )


def test_what_the_stacks_built_is_alike_and_at_parity(failover: Callable[..., Any]) -> None:
    alike, parity = (failover("inventory", "check", "--simulate", *more) for more in ((), ("--parity",)))
    assert (alike.code, parity.code) == (0, 0), alike.out + parity.out
    assert "all alike" in alike.out
    assert "SIMULATED" in alike.out.splitlines()[0]
    assert parity.out.splitlines()[-1] == "parity holds"
    assert "not observable: capacity.quotas" in parity.out


def test_machines_get_the_same_answers(failover: Callable[..., Any]) -> None:
    alike = failover("inventory", "check", "--simulate", "--json").json
    assert (alike["differences"], alike["unread"]) == ([], [])
    assert alike["snapshot"]["digest"]
    parity = failover("inventory", "check", "--parity", "--simulate", "--json").json
    assert parity["holds"] is True
    assert {"path": "capacity.queue_limits.vip", "primary": 40, "standby": 40, "ratio": 1.0, "enough": True,
            "reason": ""} in parity["capacity"]  # fmt: skip
    assert {one["what"] for one in parity["not_observable"]} == {"capacity.quotas", "capacity.account_concurrency"}


@pytest.mark.usefixtures("fewer_desktops")
def test_a_smaller_standby_does_not_hold_unless_that_was_declared(centre: Any, failover: Callable[..., Any]) -> None:
    less = failover("inventory", "check", "--parity", "--simulate")
    assert less.code == 1
    assert "0.5 TOO LITTLE" in less.out
    for share, code in (("0.5", 0), ("0.75", 1)):
        (centre.folder / "config" / "parity.yaml").write_text(DECLARED % ("capacity.desktops", share))
        said = failover("inventory", "check", "--parity", "--simulate")
        assert said.code == code
        assert "ordered for the spring" in said.out


def test_a_declaration_with_faults_is_refused_with_their_lines(centre: Any, failover: Callable[..., Any]) -> None:
    (centre.folder / "config" / "parity.yaml").write_text("version: 1\ndifferences:\n- path: a\n")
    said = failover("inventory", "check", "--parity", "--simulate")
    assert said.code == 2
    assert "config/parity.yaml:3  PA01  reason: missing" in said.err


def test_a_folder_of_configuration_is_built_and_asked_with_its_own_declarations(
    centre: Any, failover: Callable[..., Any]
) -> None:
    desk = centre.folder / "config" / "examples" / "five-person-desk"
    (desk / "parity.yaml").write_text(DECLARED % ("capacity.nothing", "0.5"))
    said = failover("inventory", "check", "--parity", "--simulate", "--config", str(desk))
    assert said.code == 0
    assert "capacity.queue_limits.everything" in said.out
    assert "declared, and nothing of it differs: capacity.nothing" in " ".join(said.out.split())
    shown = failover("inventory", "show", "--simulate", "--json", "--config", str(desk)).json
    assert set(shown["primary"]["connect"]["agent_groups"]) == {"desk"}


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (("check", "--config", "config"), "aws is there already"),
        (("check", "--cloud", "http://127.0.0.1:1", "--config", "config"), "http is there already"),
        (("check", "--simulate", "--config", "runbooks"), "has no Pulumi.global.yaml"),
        (("pull", "--config", "config"), "name the stacks by --project"),
    ],
)
def test_a_configuration_that_is_not_built_from_is_refused(
    failover: Callable[..., Any], asked: tuple[str, ...], why: str
) -> None:
    said = failover("inventory", *asked)
    assert (said.code, why in " ".join(said.err.split())) == (2, True), said.err


@pytest.fixture
def built_badly(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[SimulatedCloud, Any], None]], None]:
    """Lets a test change the simulated cloud after it was built and before it is asked."""
    from drills import opening  # noqa: PLC0415 - the tests of other commands do without the simulator

    build = opening.build

    def change(how: Callable[[SimulatedCloud, Any], None]) -> None:
        def changed(cloud: SimulatedCloud, *rest: Any, **more: Any) -> Any:
            inventory = build(cloud, *rest, **more)
            how(cloud, inventory)
            return inventory

        monkeypatch.setattr(opening, "build", changed)

    return change


def test_a_change_behind_the_stacks_back_is_drift(
    failover: Callable[..., Any], built_badly: Callable[..., None]
) -> None:
    def unattach(cloud: SimulatedCloud, inventory: Any) -> None:
        site = estate.site(cloud.account, inventory.standby.connect.instance_id, "us-west-2")
        assert site is not None
        site.number_flows.clear()

    built_badly(unattach)
    said = failover("inventory", "check", "--simulate")
    assert said.code == 1
    assert "snapshot attached · observed absent" in said.out
    assert "execute prepare-standby" in said.out


def test_a_lower_limit_in_the_other_instances_configuration_is_told_with_its_ratio(
    centre: Any, failover: Callable[..., Any]
) -> None:
    desk = "config/examples/five-person-desk-independent"
    asked = ("inventory", "check", "--parity", "--simulate", "--config", desk)
    assert failover(*asked).code == 0
    centre.change(f"{desk}/Pulumi.standby.yaml", ("max_contacts: 15", "max_contacts: 12"))
    said = failover(*asked)
    assert said.code == 1
    rows = [line.split() for line in said.out.splitlines()]
    assert ["capacity.queue_limits.everything", "15", "12", "0.8", "TOO", "LITTLE"] in rows


def test_a_lower_limit_of_one_standby_queue_is_told_with_its_ratio(
    failover: Callable[..., Any], built_badly: Callable[..., None]
) -> None:
    def lower(cloud: SimulatedCloud, inventory: Any) -> None:
        """An edit of the replica that AWS has not carried to the primary."""
        site = estate.site(cloud.account, inventory.standby.connect.instance_id, "us-west-2")
        assert site is not None
        queue = site.named(Queue, "vip")
        site._records[Queue][queue.id] = replace(queue, max_contacts=32)

    built_badly(lower)
    said = failover("inventory", "check", "--parity", "--simulate")
    assert said.code == 1
    rows = [line.split() for line in said.out.splitlines()]
    assert ["capacity.queue_limits.vip", "40", "32", "0.8", "TOO", "LITTLE"] in rows


def test_a_lost_region_is_said_once_and_proves_nothing(
    failover: Callable[..., Any], built_badly: Callable[..., None]
) -> None:
    built_badly(lambda cloud, _: cloud.lose("us-east-1", cloud.clock.now()))
    for more in ((), ("--parity",)):
        said = failover("inventory", "check", "--simulate", *more)
        assert said.code == 3
        assert said.out.count("us-east-1 does not answer") == 1


def test_show_tells_age_and_digest_before_the_snapshot(failover: Callable[..., Any]) -> None:
    head, *body = failover("inventory", "show", "--simulate").out.splitlines()
    told = json.loads("\n".join(body))
    assert "0s old" in head
    assert told["digest"][:16] in head


def test_pull_takes_checks_and_keeps_and_show_reads_it(
    centre: Any, failover: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from orchestrator.model.inventory import Inventory  # noqa: PLC0415 - as above

    whole = failover("inventory", "show", "--simulate", "--json").json
    inventory = Inventory.model_validate(whole)
    monkeypatch.setattr(pulling, "pulled", lambda *_, **__: inventory)
    first, second = (failover("inventory", "pull", "--json").json for _ in range(2))
    assert (first["changed"], second["changed"]) == (True, False)
    assert first["kept"][0] == ".failover/inventory.json"
    assert len(list((centre.folder / ".failover" / "inventories").iterdir())) == 1
    assert failover("inventory", "show", "--json").json["digest"] == whole["digest"]
    refused = failover("inventory", "pull", "--copy-to", "s3://snapshots/inventory.json?region=us-east-1")
    assert refused.code == 2
    assert "is the primary Region" in refused.err


def test_what_is_pulled_before_the_standby_is_up_says_so_wherever_it_is_read(
    failover: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from orchestrator.model.inventory import Inventory  # noqa: PLC0415 - as above

    whole = failover("inventory", "show", "--simulate", "--json").json
    unborn = {**whole["standby"], "flags_table": "", "front_door_target": ""}
    asked: list[bool] = []

    def pulled(*_: Any, provisional: bool, **__: Any) -> Inventory:
        asked.append(provisional)
        return Inventory.model_validate({**whole, "standby": unborn}).sealed()

    monkeypatch.setattr(pulling, "pulled", pulled)
    said = failover("inventory", "pull", "--provisional")
    assert (said.code, asked) == (0, [True])
    for out in (said.out, failover("inventory", "show").out):
        assert "PROVISIONAL: the standby is not up" in " ".join(out.split())
    refused = failover("inventory", "pull", "--provisional", "--copy-to", "s3://snapshots/i.json?region=us-west-2")
    assert (refused.code, asked) == (2, [True])
    assert failover("inventory", "show", "--provisional").code == 2


def test_pull_without_pulumi_is_told_with_a_remedy(
    centre: Any, failover: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(centre.folder))
    (centre.folder / "Pulumi.yaml").write_text("name: contact-centre\nruntime: python\n")
    said = failover("inventory", "pull")
    assert said.code == 2
    assert "install" in said.err


def test_parity_is_a_check(failover: Callable[..., Any]) -> None:
    assert failover("inventory", "show", "--parity", "--simulate").code == 2


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["check", "--parity", "--declared", "nowhere.yaml"], "no file nowhere.yaml"),
        (["check", "--declared", "config/parity.yaml"], "--declared is what may differ between two sides"),
        (["show", "--copy-to", "s3://snapshots/one?region=us-west-2"], "--copy-to is of a snapshot that is taken"),
    ],
    ids=["a file that is not there", "without parity", "not taken"],
)
def test_an_option_that_would_do_nothing_is_refused(failover: Callable[..., Any], given: list[str], says: str) -> None:
    said = failover("inventory", *given, "--simulate")
    assert said.code == 2
    assert says in " ".join(said.err.split())
