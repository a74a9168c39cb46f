"""`inventory check --parity` on the simulated cloud: the standby as built, then with one thing changed each."""

from __future__ import annotations

import dataclasses
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from drills.simulator.aws.connect.resources import Hours, Module, Queue
from orchestrator.survey.parity import Declared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drills.simulator.aws.connect.resources import Resource

EAST, WEST = "us-east-1", "us-west-2"


@contextmanager
def edited(town: Any, kind: type[Resource], name: str, **changes: Any) -> Iterator[None]:
    """A record of the replica that has not been mirrored back; put back afterwards."""
    site = town.site(WEST)
    before = site.named(kind, name)
    site._records[kind][before.id] = dataclasses.replace(before, **changes)
    try:
        yield
    finally:
        site._records[kind][before.id] = before


def test_the_standby_as_built_is_at_parity(town: Any) -> None:
    found = town.laid()
    assert found.parity.holds
    assert (found.parity.apart, found.parity.pinned, found.unread) == ((), (), ())
    assert {one.path for one in found.parity.ratios} >= {
        "capacity.queue_limits.vip", "capacity.queue_limits_together", "capacity.users.vip", "capacity.desktops",
        "capacity.numbers_answered.general",
    }  # fmt: skip


def test_what_the_simulator_does_not_know_is_named_as_not_observable(town: Any) -> None:
    assert [what for what, _ in town.laid().unobservable] == ["capacity.account_concurrency", "capacity.quotas"]


def test_lowering_one_standby_queue_limit_is_reported_with_its_ratio(town: Any) -> None:
    with edited(town, Queue, "vip", max_contacts=32):
        parity = town.laid().parity
    less = {one.path: (one.primary, one.standby, one.ratio) for one in parity.ratios if not one.enough}
    assert less == {
        "capacity.queue_limits.vip": (40, 32, 0.8), "capacity.queue_limits_together": (180, 172, 0.956),
    }  # fmt: skip
    assert not parity.holds


def test_the_same_is_no_fault_where_it_was_declared_to_be_enough(town: Any) -> None:
    meant = (
        Declared("capacity.queue_limits.vip", "the standby serves two thirds", 0.66),
        Declared("capacity.queue_limits_together", "as above", 0.66),
    )
    with edited(town, Queue, "vip", max_contacts=32):
        parity = town.laid(*meant).parity
    assert parity.holds
    assert parity.unused == ()


def test_hours_that_differ_are_told_with_what_is_open(town: Any) -> None:
    with edited(town, Hours, "always", time_zone="Europe/London"):
        [apart] = town.laid().parity.apart
    assert (apart.path, apart.primary, apart.standby) == ("connect.hours.always.time_zone", "Etc/UTC", "Europe/London")


def test_a_function_of_another_runtime_differs(town: Any) -> None:
    name = town.inventory.standby.lambdas["flags"].rpartition(":")[2]
    client = town.client("lambda")
    before = client.get_function_configuration(FunctionName=name)["Timeout"]
    client.update_function_configuration(FunctionName=name, Timeout=9)
    try:
        [apart] = town.laid().parity.apart
    finally:
        client.update_function_configuration(FunctionName=name, Timeout=before)
    assert (apart.path, apart.primary, apart.standby) == ("lambdas.flags.timeout_s", before, 9)


def test_concurrency_reserved_on_one_side_only_is_no_ratio_and_not_enough(town: Any) -> None:
    name = town.inventory.standby.lambdas["flags"].rpartition(":")[2]
    client = town.client("lambda")
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=5)
    try:
        [odd] = [one for one in town.laid().parity.ratios if not one.enough]
    finally:
        client.delete_function_concurrency(FunctionName=name)
    assert (odd.path, odd.standby, odd.ratio) == ("capacity.reserved_concurrency.flags", 5, None)


def test_fewer_desktops_are_a_ratio(town: Any) -> None:
    ids = town.inventory.standby.desktops.ids
    [less] = [one for one in town.saying(standby={"desktops": {"ids": ids[:1]}}).laid().parity.ratios if not one.enough]
    assert (less.path, less.primary, less.standby, less.ratio) == ("capacity.desktops", 2, 1, 0.5)


def test_a_flow_that_names_the_primarys_function_is_pinned_on_both_sides(town: Any) -> None:
    module = town.site(WEST).named(Module, "emergency-greeting")
    pinned = module.content.replace("$.AwsRegion", EAST)
    before = {region: town.site(region)._records[Module][module.id] for region in (EAST, WEST)}
    for region in (EAST, WEST):
        town.site(region)._records[Module][module.id] = dataclasses.replace(module, content=pinned)
    try:
        parity = town.laid().parity
    finally:
        for region, record in before.items():
            town.site(region)._records[Module][module.id] = record
    [found] = parity.pinned
    at = ("connect.flow_modules.emergency-greeting", "ask-flags.Parameters.LambdaFunctionARN")
    assert (found.flow, found.path) == at
    assert (found.region, found.sides) == (EAST, ("primary", "standby"))
    assert parity.apart == ()
    assert not parity.holds


def test_a_function_that_one_side_lacks_is_a_difference(town: Any) -> None:
    spare = {"spare": "arn:aws:lambda:us-west-2:111122223333:function:spare"}
    name = town.inventory.primary.lambdas["flags"]
    found = town.saying(primary={"lambdas": {"spare": name}}, standby={"lambdas": spare}).laid()
    assert "lambdas.spare" in {one.path for one in found.parity.apart}


def test_a_lost_primary_leaves_parity_unproven_and_says_so(town: Any) -> None:
    town.cloud.lose(EAST, town.cloud.clock.now())
    found = town.laid()
    assert found.parity.apart == ()
    assert {one.region for one in found.unread} == {EAST}
    assert any(one.what == "primary: connect.configuration" for one in found.unread)


def test_two_instances_of_their_own_are_laid_over_each_other_by_name(town: Any) -> None:
    apart = town.saying(continuity="independent-instances")
    assert apart.laid().parity.holds
    with edited(town, Queue, "vip", max_contacts=32):
        assert not apart.laid().parity.holds
