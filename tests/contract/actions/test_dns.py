"""Moving names: by the data-plane lever, and by changing records (last resort).

Rules: Route 53 Developer Guide, "How Amazon Route 53 chooses records when health checking is configured"; AWS Fault
Isolation Boundaries (the control plane of Route 53 is in us-east-1); botocore, ChangeResourceRecordSets ("To delete a
resource record set, you must specify all the same values"); RFC 1034, names end with a dot and know no case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from orchestrator.cloud.regions import needs_region
from orchestrator.model.errors import NotFound, RegionUnreachable, Rejected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from action_world import Acting, ActionWorld

EAST, WEST = "us-east-1", "us-west-2"
PRIMARY, STANDBY = ["primary-entry.contact.example"], ["standby-entry.contact.example"]
HELP = "help.contact.example"


@pytest.fixture
def evacuate(world: ActionWorld) -> Iterator[Acting]:
    """The front door evacuated to the west; before and after a test, its name answers with the primary's entry."""
    acting = world.acting(
        "dns.evacuate", name=world.inventory.global_.front_door_name, target=STANDBY[0], region=WEST,
        metric=world.inventory.standby.evacuation_metric.model_dump(), away_from=EAST,
    )  # fmt: skip
    assert acting.observe() == PRIMARY
    yield acting
    world.cloud.network.faults.clear()
    acting.give_back(PRIMARY)


def _record(world: ActionWorld, **other: Any) -> Acting:
    given = {"zone": world.inventory.global_.zone_id, "name": HELP, "type": "CNAME", "values": STANDBY}
    return world.acting("dns.change_records", **given | other)


def _route53(world: ActionWorld) -> Any:
    return world.cloud.door.client("route53", EAST)


def _make(world: ActionWorld, action: str = "UPSERT", **record: Any) -> None:
    change = {"Action": action, "ResourceRecordSet": {"Type": "CNAME", **record}}
    zone = world.inventory.global_.zone_id
    _route53(world).change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [change]})


# The lever.


def test_the_name_moves_while_the_other_region_and_route_53s_control_plane_are_dead(
    world: ActionWorld, evacuate: Acting
) -> None:
    outage, mark = world.lost(EAST), world.mark
    done = evacuate.carry_out()
    assert done.after == STANDBY
    assert {(made.service, made.host) for made in world.since(mark)} == {
        ("cloudwatch", "monitoring.us-west-2.amazonaws.com"),
        ("dns", "dns"),
    }
    assert not outage.hits
    assert needs_region(evacuate.kind.calls(evacuate.params), EAST) == ()


def test_it_is_settled_by_answers_and_not_by_having_raised_the_lever(world: ActionWorld, evacuate: Acting) -> None:
    target = evacuate.target(evacuate.observe())
    evacuate.write(evacuate.parts(PRIMARY, target)[0])
    assert evacuate.observe() == PRIMARY
    assert not evacuate.settled(target, evacuate.observe())
    world.wait(evacuate.kind.expected.seconds)
    assert evacuate.settled(target, evacuate.observe())


def test_a_level_once_raised_stands_without_being_published_again(world: ActionWorld, evacuate: Acting) -> None:
    evacuate.carry_out()
    world.wait(86_400)
    assert evacuate.observe() == STANDBY


def test_raising_the_level_again_changes_nothing(world: ActionWorld, evacuate: Acting) -> None:
    evacuate.carry_out()
    evacuate.write(STANDBY)
    world.wait(120)
    assert evacuate.observe() == STANDBY


def test_going_back_lowers_the_lever_where_it_was_raised_and_names_the_region_to_be_proven(
    world: ActionWorld, evacuate: Acting
) -> None:
    before = evacuate.carry_out().before
    assert evacuate.action.gains(evacuate.params, evacuate.observe(), before) == (EAST,)
    mark = world.mark
    assert evacuate.give_back(before).after == PRIMARY
    assert {made.region for made in world.since(mark) if made.service == "cloudwatch"} == {WEST}


def test_a_dead_destination_cannot_raise_its_lever(world: ActionWorld, evacuate: Acting) -> None:
    world.lost(WEST)
    with pytest.raises(RegionUnreachable):
        evacuate.carry_out()


def test_a_name_that_does_not_exist_is_an_error_and_no_empty_answer(world: ActionWorld) -> None:
    acting = world.acting(
        "dns.evacuate", name="nothing.contact.example", target=STANDBY[0], region=WEST,
        metric={"namespace": "ContactCentre/Failover", "name": "EvacuateOtherSide"},
    )  # fmt: skip
    with pytest.raises(NotFound):
        acting.observe()


# Records.


def test_a_record_is_made_changed_and_taken_away_again(world: ActionWorld) -> None:
    made = _record(world, ttl=30).carry_out()
    assert made.before == {"values": [], "ttl": 0}
    assert made.after == {"values": STANDBY, "ttl": 30}
    changed = _record(world, values=PRIMARY).carry_out()
    assert world.cloud.resolver.resolve(HELP) == tuple(PRIMARY)
    assert _record(world).give_back(changed.before).after == made.after
    assert _record(world).give_back(made.before).after == made.before


def test_the_next_name_of_the_zone_is_not_taken_for_the_one_asked_for(world: ActionWorld) -> None:
    # ListResourceRecordSets begins with the next name where there is none of that name.
    assert _record(world, name="aaa.contact.example").observe() == {"values": [], "ttl": 0}


def test_a_record_is_found_with_and_without_its_last_dot(world: ActionWorld) -> None:
    made = _record(world, name="dotted.contact.example").carry_out()
    assert _record(world, name="dotted.contact.example.").observe() == made.after


def test_several_values_are_compared_in_any_order(world: ActionWorld) -> None:
    given = {"name": "hosts.contact.example", "type": "A"}
    _record(world, **given, values=["192.0.2.2", "192.0.2.1"]).carry_out()
    assert _record(world, **given, values=["192.0.2.1", "192.0.2.2"]).carry_out().parts == ()


def test_a_name_with_a_routing_policy_is_refused_and_left_alone(world: ActionWorld) -> None:
    wrote = len(world.landed())
    with pytest.raises(Rejected, match=r"not a simple record") as refused:
        _record(world, name=world.inventory.global_.front_door_name).carry_out()
    assert "dns.evacuate" in refused.value.remedy
    assert len(world.landed()) == wrote


def test_an_alias_is_refused_and_left_alone(world: ActionWorld) -> None:
    alias = {"HostedZoneId": world.inventory.global_.zone_id, "DNSName": PRIMARY[0], "EvaluateTargetHealth": False}
    _make(world, Name="alias.contact.example", AliasTarget=alias)
    with pytest.raises(Rejected, match=r"not a simple record"):
        _record(world, name="alias.contact.example").carry_out()


def test_a_record_that_somebody_changed_meanwhile_is_not_deleted(world: ActionWorld) -> None:
    name = "shared.contact.example"
    record = _record(world, name=name)
    before = record.carry_out().before
    (deletion,) = record.parts(record.observe(), before)
    _make(world, Name=name, TTL=60, ResourceRecords=[{"Value": PRIMARY[0]}])
    with pytest.raises(Rejected) as refused:
        record.write(deletion)
    assert refused.value.code == "InvalidChangeBatch"
    assert record.observe()["values"] == PRIMARY


def test_changing_records_needs_us_east_1_whichever_region_is_meant(world: ActionWorld) -> None:
    record = _record(world)
    declared = record.kind.calls(record.params)
    assert needs_region(declared, EAST) == declared
    assert needs_region(declared, WEST) == ()
    outage = world.lost(EAST)
    with pytest.raises(RegionUnreachable):
        record.observe()
    assert outage.hits == {"route53:ListResourceRecordSets": 1}
