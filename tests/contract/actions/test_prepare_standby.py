"""From a primary alone to a prepared standby: the steps of runbooks/prepare-standby.yaml, one after the other.

Rules: Administrator Guide, "Create a replica of your existing Amazon Connect instance" (same instance id; a default
group) and "Create traffic distribution groups" (replication complete first, source Region only); botocore,
InstanceReplicationStatus, TrafficDistributionGroupStatus, and the pages of 10 that ListTrafficDistributionGroupUsers'
list shape holds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from shutil import copytree
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from action_world import ActionWorld, Reached

from drills.build import config_dir
from drills.simulator.aws.connect import estate
from drills.simulator.cloud import SimulatedCloud
from drills.simulator.network import CallRecord
from drills.simulator.provision import provision
from orchestrator.model.actions import Reading
from orchestrator.model.clock import stamp
from orchestrator.model.errors import Conflict, RegionUnreachable, Rejected
from stacks.exports import compose, provisional

if TYPE_CHECKING:
    from collections.abc import Iterator

    from action_world import Acting

    from orchestrator.model.inventory import Inventory

EAST, WEST = "us-east-1", "us-west-2"
AGENTS = {"general": {"agents": 8, "queues": ["general"]}, "vip": {"agents": 4, "queues": ["vip"]}}
"""More than a page of ListTrafficDistributionGroupUsers."""
RUNBOOK = Path(__file__).parents[3] / "runbooks" / "prepare-standby.yaml"


class Preparation:
    """A cloud in which only `global` and `primary` are up, and the steps that prepare its standby."""

    def __init__(self, cloud: SimulatedCloud, settings_dir: Path) -> None:
        copytree(config_dir(), settings_dir, dirs_exist_ok=True)
        self.cloud, self.settings_dir, self.outputs = cloud, settings_dir, dict[str, Any]()
        self.up("global")
        self.up("primary", agent_groups=AGENTS)
        found = provisional(self.outputs["global"], self.outputs["primary"], taken_at=stamp(cloud.clock.now()))
        self.world = ActionWorld(cloud, found)
        self.source = found.primary.connect
        self.groups = {"arn": "", "default_arn": ""}

    def up(self, role: str, **overrides: Any) -> None:
        with self.cloud.building():
            stack = provision(
                role, client=self.cloud.door.client, config_dir=self.settings_dir, account=self.cloud.account,
                outputs=self.outputs, overrides=overrides, clock=self.cloud.clock,
            )  # fmt: skip
        self.outputs[role] = stack.outputs

    def replica(self) -> Acting:
        return self.world.acting(
            "connect.replicate_instance", region=EAST, instance=self.source.instance_id, replica_region=WEST,
            alias="contact-centre-replica",
        )  # fmt: skip

    def group(self) -> Acting:
        return self.world.acting(
            "connect.traffic_group", region=EAST, instance=self.source.instance_id, name="contact-centre"
        )

    def agents(self) -> Acting:
        users = [user for group in self.source.agent_groups.values() for user in group.user_ids]
        return self.world.acting(
            "connect.traffic_group_agents", region=EAST, instance=self.source.instance_id, group=self.groups["arn"],
            users=users,
        )  # fmt: skip

    def numbers(self) -> list[Acting]:
        arn = self.groups["arn"]
        return [
            self.world.acting("connect.number_target", region=EAST, number=number.id, target=arn)
            for number in self.source.numbers
        ]

    def flows(self, region: str) -> list[Acting]:
        instance, flow = self.source.instance_id, self.source.flows["main"]
        return [
            self.world.acting("connect.number_flow", region=region, instance=instance, number=number.arn, flow=flow)
            for number in self.source.numbers
        ]

    def record(self) -> Acting:
        values = {
            "instance_id": self.source.instance_id,
            "traffic_group_arn": self.groups["arn"],
            "default_traffic_group_arn": self.groups["default_arn"],
        }
        return self.world.acting("change.stack_config", stack="standby", values=values)

    def every(self) -> list[Acting]:
        """Every step, in the runbook's order; the groups must be there."""
        return [
            self.replica(), self.group(), self.agents(), *self.numbers(), *self.flows(EAST), *self.flows(WEST),
            self.record(),
        ]  # fmt: skip


@dataclass
class Evidence:
    """What was met on the way."""

    preparation: Preparation
    reached: dict[str, list[Reached]] = field(default_factory=dict)
    seen: dict[str, Any] = field(default_factory=dict)
    repeated: list[Reached] = field(default_factory=list)
    written: list[CallRecord] = field(default_factory=list)
    written_again: int = 0

    def go(self, name: str, *acting: Acting) -> Any:
        self.reached[name] = [each.carry_out() for each in acting]
        return self.reached[name][-1].after


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evidence]:
    """The steps carried out once by hand, with looks in between."""
    settings_dir = tmp_path_factory.mktemp("config")
    with SimulatedCloud(5, settings_dir=settings_dir) as cloud:
        preparation = Preparation(cloud, settings_dir)
        found = Evidence(preparation)
        _replicate(found)
        _group(found)
        found.go("agents", preparation.agents())
        found.go("numbers", *preparation.numbers())
        found.go("flows-at-source", *preparation.flows(EAST))
        found.go("flows-at-replica", *preparation.flows(WEST))
        found.go("record", preparation.record())
        found.written = preparation.world.landed()
        found.repeated = [acting.carry_out() for acting in preparation.every()]
        found.written_again = len(preparation.world.landed()) - len(found.written)
        preparation.up("standby")
        yield found


def _replicate(found: Evidence) -> None:
    preparation = found.preparation
    answers = preparation.world.acting("service.answers", region=WEST)
    with pytest.raises(Rejected) as too_early:
        preparation.group().carry_out()
    found.seen["group of an instance without a replica"] = too_early.value
    replica = preparation.replica()
    before = replica.observe()
    replica.write(replica.parts(before, replica.target(before))[0])
    found.seen["replica under way"] = under_way = replica.observe()
    found.seen["parts while under way"] = replica.parts(under_way, replica.target(under_way))
    found.seen["replica answers while under way"] = answers.probe().reading
    with pytest.raises(Conflict) as too_early_still:
        preparation.group().carry_out()
    found.seen["group while under way"] = too_early_still.value
    found.go("replica", replica)
    found.seen["before"] = before
    found.seen["replica answers"] = answers.probe().reading


def _group(found: Evidence) -> None:
    group = found.preparation.group()
    before = group.observe()
    group.write(group.parts(before, group.target(before))[0])
    under_way = group.observe()
    found.seen["group under way"] = under_way, group.parts(under_way, group.target(under_way))
    found.preparation.groups = found.go("group", group)


def test_the_steps_are_those_of_the_runbook_in_its_order(evidence: Evidence) -> None:
    steps = yaml.safe_load(RUNBOOK.read_text())["steps"]
    assert list(evidence.reached) == list(steps)
    kinds = {name: acting.kind.name for name, acting in zip(steps, _one_each(evidence), strict=True)}
    assert kinds == {name: step["action"] for name, step in steps.items()}


def _one_each(evidence: Evidence) -> list[Acting]:
    every, firsts = evidence.preparation.every(), []
    for reached in evidence.reached.values():
        firsts.append(every[0])
        del every[: len(reached)]
    return firsts


def test_the_replica_is_asked_for_once_and_awaited(evidence: Evidence) -> None:
    assert evidence.seen["before"] == {"status": "absent", "reason": ""}
    assert evidence.seen["replica under way"] == {"status": "INSTANCE_REPLICATION_IN_PROGRESS", "reason": ""}
    assert evidence.seen["parts while under way"] == ()
    (replica,) = evidence.reached["replica"]
    assert (replica.parts, replica.after) == ((), {"status": "INSTANCE_REPLICATION_COMPLETE", "reason": ""})
    assert replica.waited_s > 0


def test_the_replica_serves_only_when_it_is_complete(evidence: Evidence) -> None:
    assert evidence.seen["replica answers while under way"] is Reading.PENDING
    assert evidence.seen["replica answers"] is Reading.HOLDS


def test_a_group_too_early_is_refused_for_good_without_a_replica_and_for_now_while_it_is_made(
    evidence: Evidence,
) -> None:
    assert not evidence.seen["group of an instance without a replica"].retryable
    assert evidence.seen["group while under way"].code == "ResourceNotReadyException"
    assert evidence.seen["group while under way"].retryable


def test_the_group_is_asked_for_once_and_awaited_and_tells_both_arns(evidence: Evidence) -> None:
    under_way, parts = evidence.seen["group under way"]
    assert (under_way["status"], parts) == ("CREATION_IN_PROGRESS", ())
    after = evidence.reached["group"][0].after
    assert after["status"] == "ACTIVE"
    by_arn = {group.arn: group for group in estate.groups(evidence.preparation.cloud.account)}
    assert (by_arn[after["arn"]].name, by_arn[after["arn"]].is_default) == ("contact-centre", False)
    assert by_arn[after["default_arn"]].is_default


def test_all_agents_of_several_pages_belong_to_the_group(evidence: Evidence) -> None:
    after = evidence.reached["agents"][0].after
    assert len(after) == 12
    account, arn = evidence.preparation.cloud.account, evidence.preparation.groups["arn"]
    (group,) = (group for group in estate.groups(account) if group.arn == arn)
    assert set(after) == set(group.users)


def test_members_are_added_and_never_taken_out(evidence: Evidence) -> None:
    preparation = evidence.preparation
    one = preparation.world.acting(
        "connect.traffic_group_agents", region=EAST, instance=preparation.source.instance_id,
        group=preparation.groups["arn"], users=[preparation.source.agent_groups["vip"].user_ids[0]],
    )  # fmt: skip
    done = one.carry_out()
    assert (done.parts, len(done.after)) == ((), 12)


def test_every_number_leads_to_the_group_and_is_answered_in_both_regions(evidence: Evidence) -> None:
    preparation = evidence.preparation
    account = preparation.cloud.account
    for number in preparation.source.numbers:
        assert estate.telephony_shares(account, number.arn) == {EAST: 100, WEST: 0}
        for region in (EAST, WEST):
            assert preparation.world.site(region).flow_content(number.arn) is not None


def test_a_numbers_flow_was_left_behind_and_attached_again_in_the_source_region(evidence: Evidence) -> None:
    assert {reached.before for reached in evidence.reached["flows-at-source"]} == {""}
    assert {reached.after for reached in evidence.reached["flows-at-source"]} == {
        evidence.preparation.source.flows["main"]
    }


def test_the_standby_stack_comes_up_on_what_was_recorded(evidence: Evidence) -> None:
    outputs = evidence.preparation.outputs
    inventory: Inventory = compose(
        outputs["global"],
        outputs["primary"],
        outputs["standby"],
        taken_at=stamp(evidence.preparation.cloud.clock.now()),
    )
    assert inventory.standby.connect.traffic_group_arn == evidence.preparation.groups["arn"]
    assert inventory.standby.connect.default_traffic_group_arn == evidence.preparation.groups["default_arn"]


def test_every_step_may_be_repeated_and_then_writes_nothing(evidence: Evidence) -> None:
    assert [reached.parts for reached in evidence.repeated] == [()] * len(evidence.repeated)
    assert evidence.written_again == 0


def test_only_the_flows_at_the_replica_are_written_outside_the_source_region(evidence: Evidence) -> None:
    elsewhere = {record.operation for record in evidence.written if record.region != EAST}
    assert elsewhere == {"AssociatePhoneNumberContactFlow"}
    # One write a thing: a replica, a group, twelve agents, two numbers, their flows in two Regions.
    assert len(evidence.written) == 1 + 1 + 12 + 2 + 2 * 2


def test_preparing_needs_the_source_region_alive(evidence: Evidence) -> None:
    preparation = evidence.preparation
    preparation.world.lost(EAST)
    try:
        for acting in (preparation.replica(), preparation.group(), preparation.agents(), *preparation.numbers()):
            with pytest.raises(RegionUnreachable):
                acting.observe()
    finally:
        preparation.cloud.network.faults.clear()
