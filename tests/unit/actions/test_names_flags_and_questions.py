"""What `dns`, `ivr`, `change` and `people` compute without a cloud."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.actions.change import StackConfig, StackConfigParams
from orchestrator.actions.dns import ChangeRecords, ChangeRecordsParams, Evacuate, EvacuateParams, Metric
from orchestrator.actions.ivr import Flag, FlagParams
from orchestrator.actions.people import Approve, ApproveParams
from orchestrator.model.actions import Kind
from orchestrator.model.errors import Rejected
from orchestrator.model.parameters import BadParameters, Region, bind

EAST, WEST = "us-east-1", "us-west-2"
METRIC: Metric = {"namespace": "ContactCentre/Failover", "name": "EvacuateOtherSide"}
no_cloud: Any = None
flag, evacuate, records = Flag(no_cloud), Evacuate(no_cloud), ChangeRecords(no_cloud)


def _flag(value: str = "on", region: str = WEST) -> FlagParams:
    return FlagParams(Region(region), "flags", "emergency-greeting", value)


def _evacuate(away_from: str = EAST) -> EvacuateParams:
    return EvacuateParams("desk.contact.example", "standby.contact.example", Region(WEST), METRIC, away_from)


def _record(*values: str, ttl: int = 60) -> ChangeRecordsParams:
    return ChangeRecordsParams("Z1", "help.contact.example", "A", values, ttl)


def test_a_flag_that_has_the_value_keeps_its_epoch_and_any_other_gets_the_next() -> None:
    assert flag.target(_flag(), {"value": "on", "epoch": 7}) == {"value": "on", "epoch": 7}
    assert flag.target(_flag(), {"value": "off", "epoch": 7}) == {"value": "on", "epoch": 8}
    assert flag.target(_flag(), {"value": None, "epoch": 0}) == {"value": "on", "epoch": 1}


def test_a_flag_that_goes_back_is_written_one_epoch_after_what_is_there() -> None:
    parts = flag.parts(_flag(), {"value": "on", "epoch": 8}, {"value": "off", "epoch": 7})
    assert parts == ({"value": "off", "epoch": 9},)


@pytest.mark.parametrize(
    ("now", "settled"),
    [
        ({"value": "on", "epoch": 2}, True),
        ({"value": "on", "epoch": 5}, True),
        ({"value": "on", "epoch": 1}, False),
        ({"value": "off", "epoch": 2}, False),
        ({"value": None, "epoch": 0}, False),
    ],
)
def test_a_flag_is_settled_by_its_value_at_our_epoch_or_a_later_one(now: dict[str, Any], settled: bool) -> None:  # noqa: FBT001 - a table of cases
    assert flag.settled(_flag(), {"value": "on", "epoch": 2}, now) is settled


class _Table:
    """A DynamoDB that keeps what it was asked, and knows one flag."""

    def __init__(self, **item: dict[str, Any]) -> None:
        self.asked: list[dict[str, Any]] = []
        self.item = item or {"value": {"S": "on"}, "epoch": {"N": "12"}}

    def client(self, service: str, region: str) -> _Table:
        assert (service, region) == ("dynamodb", WEST)
        return self

    def get_item(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        return {"Item": {"flag": {"S": "emergency-greeting"}, **self.item}}


def test_a_flag_is_looked_at_by_a_strongly_consistent_read() -> None:
    # botocore, GetItem: "provides an eventually consistent read by default", which may miss the newest epoch.
    table: Any = _Table()
    assert Flag(table).observe(_flag()) == {"value": "on", "epoch": 12}
    assert [asked["ConsistentRead"] for asked in table.asked] == [True]


@pytest.mark.parametrize(
    ("item", "told"),
    [
        ({"value": {"BOOL": True}}, "value of type BOOL"),
        ({"value": {"N": "1"}, "epoch": {"N": "3"}}, "value of type N"),
        ({"value": {"S": "on"}, "epoch": {"N": "1.5"}}, "epoch 1.5"),
        ({"value": {"S": "on"}, "epoch": {"S": "3"}}, "epoch of type S"),
    ],
)
def test_a_flag_that_somebody_wrote_with_other_types_is_refused_and_not_taken_for_unset(
    item: dict[str, Any], told: str
) -> None:
    table: Any = _Table(**item)
    with pytest.raises(Rejected, match=told) as refused:
        Flag(table).observe(_flag())
    assert "flags" in refused.value.what
    assert "emergency-greeting" in refused.value.what


def test_a_flag_without_an_epoch_or_without_a_value_is_read_as_written_so_far() -> None:
    no_epoch: Any = _Table(value={"S": "on"})
    no_value: Any = _Table(epoch={"N": "4"})
    assert Flag(no_epoch).observe(_flag()) == {"value": "on", "epoch": 0}
    assert Flag(no_value).observe(_flag()) == {"value": None, "epoch": 4}


def test_each_regions_flag_is_a_subject_of_its_own() -> None:
    assert flag.subject(_flag("on")) == flag.subject(_flag("off"))
    assert flag.subject(_flag(region=EAST)) != flag.subject(_flag(region=WEST))


@pytest.mark.parametrize(
    ("away_from", "now", "value", "gaining"),
    [
        (EAST, ["standby.contact.example"], ["primary.contact.example"], (EAST,)),
        (EAST, ["primary.contact.example"], ["primary.contact.example"], ()),
        (EAST, ["primary.contact.example"], ["standby.contact.example"], ()),
        ("", ["standby.contact.example"], ["primary.contact.example"], ()),
    ],
)
def test_names_that_go_back_need_proof_of_the_region_that_they_were_moved_away_from(
    away_from: str, now: list[str], value: list[str], gaining: tuple[str, ...]
) -> None:
    assert evacuate.gains(_evacuate(away_from), now, value) == gaining


def test_the_name_is_evacuated_when_it_answers_with_the_destination_alone() -> None:
    target = evacuate.target(_evacuate(), ["primary.contact.example"])
    assert evacuate.settled(_evacuate(), target, ["standby.contact.example"])
    assert not evacuate.settled(_evacuate(), target, ["primary.contact.example", "standby.contact.example"])
    assert not evacuate.settled(_evacuate(), target, [])


def test_the_level_is_kept_up_each_minute_while_answers_are_awaited() -> None:
    # An alarm of one 60 s period forgets a level that came once while CloudWatch was slow.
    assert Evacuate.rewrite_s == 60.0
    assert Evacuate.rewrite_s % Evacuate.interval_s == 0


def test_a_records_values_are_compared_sorted_and_with_their_ttl() -> None:
    target = records.target(_record("192.0.2.2", "192.0.2.1"), None)
    assert target == {"values": ["192.0.2.1", "192.0.2.2"], "ttl": 60}
    assert not records.settled(_record(), target, {**target, "ttl": 300})


def test_a_record_that_was_not_there_is_deleted_with_the_values_that_it_has_now() -> None:
    # botocore, ChangeResourceRecordSets: "you must specify all the same values that you specified when you created it".
    now = {"values": ["192.0.2.1"], "ttl": 60}
    assert records.parts(_record("192.0.2.1"), now, {"values": [], "ttl": 0}) == ({"action": "DELETE", **now},)
    assert records.parts(_record("192.0.2.1"), {"values": [], "ttl": 0}, now) == ({"action": "UPSERT", **now},)


def test_the_values_of_a_stack_are_added_to_what_is_there() -> None:
    config, params = StackConfig(no_cloud), StackConfigParams("standby", {"b": "2"})
    assert config.target(params, {"a": "1", "b": "1"}) == {"a": "1", "b": "2"}
    assert StackConfig.calls(params) == ()


@pytest.mark.parametrize("stack", ["../primary", "", "Standby", "a/b", "."])
def test_a_stacks_name_leads_to_no_other_directory(stack: str) -> None:
    with pytest.raises(BadParameters, match="stack"):
        bind(StackConfigParams, {"stack": stack, "values": {"a": "1"}})


@pytest.mark.parametrize("metric", [{"nam": "x"}, {}, {"namespace": "n"}, {"namespace": "n", "name": 7}])
def test_a_metric_that_lacks_a_key_is_refused_before_anything_is_called(metric: dict[str, Any]) -> None:
    given = {"name": "n.example", "target": "t.example", "region": WEST, "metric": metric}
    with pytest.raises(BadParameters, match="metric"):
        bind(EvacuateParams, given)


def test_the_destination_may_be_spelt_with_capitals_and_a_last_dot() -> None:
    params = EvacuateParams("desk.contact.example", "Standby.Contact.Example.", Region(WEST), METRIC)
    assert evacuate.settled(params, evacuate.target(params, []), ["standby.contact.example"])


@pytest.mark.parametrize(("values", "ttl", "named"), [([], 60, "values"), (["192.0.2.1"], -1, "ttl")])
def test_a_record_without_values_or_with_a_ttl_below_nothing_is_refused(
    values: list[str], ttl: int, named: str
) -> None:
    with pytest.raises(BadParameters) as refused:
        bind(ChangeRecordsParams, {"zone": "Z1", "name": "n", "type": "A", "values": values, "ttl": ttl})
    assert set(refused.value.problems) == {named}


@pytest.mark.parametrize(
    ("approvers", "yeses", "named"),
    [
        (["duty-manager"], 0, "yeses"),
        (["duty-manager"], -1, "yeses"),
        (["duty-manager"], 2, "yeses"),
        (["duty-manager", "duty-manager"], 2, "yeses"),
        ([], 1, "approvers"),
    ],
)
def test_a_gate_that_nobody_can_pass_or_that_passes_by_itself_is_refused(
    approvers: list[str], yeses: int, named: str
) -> None:
    with pytest.raises(BadParameters) as refused:
        bind(ApproveParams, {"question": "Sure?", "approvers": approvers, "yeses": yeses})
    assert set(refused.value.problems) == {named}


def test_a_gate_asks_as_written_and_by_default_takes_one_yes() -> None:
    approve = Approve(no_cloud)
    one = approve.question(bind(ApproveParams, {"question": "Move all callers?", "approvers": ["duty-manager"]}))
    assert (one.text, one.approvers, one.yeses) == ("Move all callers?", ("duty-manager",), 1)
    two = approve.question(ApproveParams("Sure?", ("duty-manager", "commander"), 2))
    assert (two.approvers, two.yeses) == (("duty-manager", "commander"), 2)
    assert Approve.kind is Kind.GATE
    assert Approve.calls(ApproveParams("Sure?", ("duty-manager",))) == ()
