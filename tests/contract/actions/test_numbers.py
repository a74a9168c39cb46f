"""Claimed numbers: where they lead, and which flow answers them.

Rules: botocore, UpdatePhoneNumber (another instance or group "in the same Region"; "doesn't migrate the flow
configuration"), DescribePhoneNumber (IN_PROGRESS, CLAIMED, FAILED) and AssociatePhoneNumberContactFlow (a number is
named by its ARN from the replica's Region); Administrator Guide, "Amazon Connect service quotas" (5 numbers an
instance).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from drills.simulator.aws.connect import estate
from orchestrator.model.errors import NotFound, Rejected

if TYPE_CHECKING:
    from action_world import Acting, ActionWorld

EAST, WEST = "us-east-1", "us-west-2"


def _target(world: ActionWorld, number: str, target: str, region: str = EAST) -> Acting:
    return world.acting("connect.number_target", region=region, number=number, target=target)


def _flow(world: ActionWorld, number: str, flow: str, region: str = EAST, instance: str = "") -> Acting:
    return world.acting(
        "connect.number_flow", region=region, instance=instance or world.instance, number=number, flow=flow
    )


def _new_flow(world: ActionWorld, name: str) -> str:
    with world.cloud.building():
        made = world.cloud.door.client("connect", WEST).create_contact_flow(
            InstanceId=world.instance, Name=name, Type="CONTACT_FLOW", Content="{}", Status="SAVED"
        )
    return str(made["ContactFlowId"])


class Spare:
    """An instance of its own beside the contact centre, with numbers and a flow: nobody else's tests use it."""

    def __init__(self, world: ActionWorld, alias: str, numbers: int) -> None:
        self.connect: Any = world.cloud.door.client("connect", EAST)
        with world.cloud.building():
            made = self.connect.create_instance(
                IdentityManagementType="SAML", InstanceAlias=alias, InboundCallsEnabled=True, OutboundCallsEnabled=True
            )
            self.id, self.arn = made["Id"], made["Arn"]
            self.numbers = [self._claimed(f"{alias} {number}") for number in range(numbers)]
            self.flow = self.connect.create_contact_flow(
                InstanceId=self.id, Name="main", Type="CONTACT_FLOW", Content="{}", Status="SAVED"
            )["ContactFlowId"]
        world.wait(60)

    def _claimed(self, name: str) -> str:
        free = self.connect.search_available_phone_numbers(
            TargetArn=self.arn, PhoneNumberCountryCode="US", PhoneNumberType="DID"
        )["AvailableNumbersList"]
        claimed = self.connect.claim_phone_number(
            TargetArn=self.arn, PhoneNumber=free[0]["PhoneNumber"], PhoneNumberDescription=name
        )
        return str(claimed["PhoneNumberId"])


def test_a_change_under_way_is_awaited_and_not_written_again(world: ActionWorld) -> None:
    spare = Spare(world, "under-way", 1)
    first = _target(world, spare.numbers[0], world.group)
    before = first.observe()
    target = first.target(before)
    first.write(first.parts(before, target)[0])
    resumed = _target(world, spare.numbers[0], world.group)
    under_way = resumed.observe()
    assert under_way == {"target": world.group, "status": "IN_PROGRESS", "reason": ""}
    assert not resumed.settled(target, under_way)
    wrote = len(world.landed())
    assert resumed.carry_out().after == {"target": world.group, "status": "CLAIMED", "reason": ""}
    assert len(world.landed()) == wrote


def test_callers_reach_the_old_target_until_the_change_is_claimed(world: ActionWorld) -> None:
    spare = Spare(world, "old-target", 1)
    first = _target(world, spare.numbers[0], world.group)
    first.write(first.parts(before := first.observe(), first.target(before))[0])
    number = next(each for each in estate.numbers(world.cloud.account) if each.id == spare.numbers[0])
    assert number.rings_at == spare.arn
    first.carry_out()
    assert number.rings_at == world.group


def test_a_change_that_fails_while_it_is_awaited_is_given_up_with_the_services_reason(world: ActionWorld) -> None:
    full, spare = Spare(world, "full", 5), Spare(world, "one-more", 1)
    change = _target(world, spare.numbers[0], full.arn)
    with pytest.raises(Rejected, match=r"limit of 5 phone numbers") as failed:
        change.carry_out()
    assert (failed.value.code, failed.value.retryable) == ("FAILED", False)
    assert spare.numbers[0] in failed.value.what


def test_a_change_that_failed_earlier_is_asked_for_anew_once_there_is_room(world: ActionWorld) -> None:
    full, spare = Spare(world, "was-full", 5), Spare(world, "waits-for-room", 1)
    with pytest.raises(Rejected):
        _target(world, spare.numbers[0], full.arn).carry_out()
    assert _target(world, spare.numbers[0], full.arn).observe()["status"] == "FAILED"
    _target(world, full.numbers[0], spare.arn).carry_out()
    done = _target(world, spare.numbers[0], full.arn).carry_out()
    assert len(done.parts) == 1
    assert done.after == {"target": full.arn, "status": "CLAIMED", "reason": ""}


def test_a_target_in_another_region_than_the_numbers_is_refused(world: ActionWorld) -> None:
    spare = Spare(world, "far-away", 1)
    with pytest.raises(NotFound):
        _target(world, spare.numbers[0], world.connect.instance_arn).carry_out()
    assert world.connect.instance_arn.split(":")[3] == WEST


def test_a_number_that_moves_leaves_its_flow_behind(world: ActionWorld) -> None:
    spare = Spare(world, "left-behind", 1)
    flow = _flow(world, spare.numbers[0], spare.flow, instance=spare.id)
    assert flow.carry_out().after == spare.flow
    _target(world, spare.numbers[0], world.group).carry_out()
    assert flow.observe() == ""
    main = _flow(world, spare.numbers[0], world.connect.flows["main"])
    assert main.observe() == ""
    assert main.carry_out().after == world.connect.flows["main"]


def test_a_groups_number_has_a_flow_of_its_own_in_each_region(world: ActionWorld) -> None:
    number, main, other = world.connect.numbers[0].arn, world.connect.flows["main"], _new_flow(world, "closed")
    west = _flow(world, number, other, WEST)
    before = west.carry_out().before
    assert west.observe() == other
    assert _flow(world, number, other, EAST).observe() == main
    assert west.give_back(before).after == main


def test_the_flow_at_the_replica_is_set_while_the_source_region_is_dead(world: ActionWorld) -> None:
    number, other = world.connect.numbers[1].arn, _new_flow(world, "outage")
    outage = world.lost(EAST)
    assert _flow(world, number, other, WEST).carry_out().after == other
    assert not outage.hits


def test_a_number_is_named_by_its_arn_from_the_replicas_region(world: ActionWorld) -> None:
    number, other = world.connect.numbers[0], _new_flow(world, "by-arn")
    with pytest.raises(NotFound):
        _flow(world, number.id, other, WEST).carry_out()
    by_arn = _flow(world, number.arn, other, WEST)
    by_arn.give_back(by_arn.carry_out().before)


def test_there_is_no_going_back_to_a_number_that_nothing_answers(world: ActionWorld) -> None:
    spare = Spare(world, "no-flow", 1)
    flow = _flow(world, spare.numbers[0], spare.flow, instance=spare.id)
    before = flow.carry_out().before
    assert before == ""
    with pytest.raises(Rejected, match=r"nothing answers it"):
        flow.give_back(before)
    assert flow.observe() == spare.flow
