"""Names: the data-plane lever, and (last resort) record changes through Route 53's control plane in us-east-1."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, TypedDict

from orchestrator.actions.answers import known, refused
from orchestrator.model.actions import Call, Expected, Provenance, Setting
from orchestrator.model.parameters import REGION_WANTED, Doc, Region, Rule, is_region

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchestrator.model.values import Json

RAISED, LOWERED = 1.0, 0.0
ROUTED = {"SetIdentifier", "AliasTarget", "TrafficPolicyInstanceId"}
"""What a record set has that is not simple."""

TTL_S_MOST = 2_147_483_647
"""Seconds; Route 53 API reference, ResourceRecordSet."""


class Metric(TypedDict):
    """A CloudWatch metric, as the inventory names it (`model.inventory.Metric`)."""

    namespace: str
    name: str


def _some_region(away_from: str) -> str:
    return "" if not away_from or is_region(away_from) else f"is {away_from!r}, must be {REGION_WANTED}"


@dataclass(frozen=True)
class EvacuateParams:
    """Parameters of `dns.evacuate`."""

    name: Annotated[str, Doc("the front door's name")]
    target: Annotated[str, Doc("what it must answer with afterwards: the destination's entry")]
    region: Annotated[Region, Doc("the destination, where the lever is raised")]
    metric: Annotated[Metric, Doc("the destination's evacuation metric")]
    away_from: Annotated[str, Doc("the Region that names are moved away from; asked for proof before any return")] = ""
    rules: ClassVar[tuple[Rule, ...]] = (Rule(_some_region, "away_from"),)


class Evacuate(Setting[EvacuateParams]):
    """Raise the destination's evacuation metric; settled when the name answers with the destination's entry.

    An alarm in the destination watches that metric, and the other side's health check watches that alarm: neither
    Route 53's control plane nor the dead Region is needed. The level is published again each minute while the answers
    are awaited; the same level again is no second write.

    Source: CloudWatch API reference, PutMetricData; Route 53 Developer Guide, health checks that monitor CloudWatch
    alarms; AWS Fault Isolation Boundaries (Route 53's data plane).
    """

    name = "dns.evacuate"
    summary = "move the front door's name to the destination by its evacuation metric (data plane only)"
    Params = EvacuateParams
    deadline_s: ClassVar[float | None] = 600.0
    interval_s = 10.0
    rewrite_s: ClassVar[float | None] = 60.0
    expected = Expected(150.0, Provenance.DOCUMENTED, "one alarm period, the health check, one TTL")
    subject_params: ClassVar[tuple[str, ...]] = ("name",)

    @classmethod
    def calls(cls, params: EvacuateParams) -> tuple[Call, ...]:
        """One write at the destination; DNS answers come from the data plane."""
        return (
            Call("cloudwatch", "PutMetricData", params.region, write=True),
            Call("dns", "Resolve", params.region),
        )

    def subject(self, params: EvacuateParams) -> str:
        """What the name answers."""
        return f"dns:answer:{params.name}"

    def observe(self, params: EvacuateParams) -> Json:
        """The name's targets, sorted."""
        return list(self.cloud.resolve(params.name))

    def target(self, params: EvacuateParams, before: Json) -> Json:  # noqa: ARG002
        """The destination's entry alone."""
        return [_entry(params)]

    def write(self, params: EvacuateParams, part: Json) -> None:
        """Raise the lever, or lower it where another answer is wanted back."""
        level = RAISED if part == [_entry(params)] else LOWERED
        self.cloud.client("cloudwatch", params.region).put_metric_data(
            Namespace=params.metric["namespace"],
            MetricData=[{"MetricName": params.metric["name"], "Value": level, "Unit": "Count"}],
        )

    def gains(self, params: EvacuateParams, now: Json, value: Json) -> tuple[str, ...]:
        """The Region moved away from, if the names go back."""
        return (params.away_from,) if params.away_from and value not in (now, [_entry(params)]) else ()


def _entry(params: EvacuateParams) -> str:
    """The target as resolvers spell it."""
    return params.target.rstrip(".").lower()


def _some(values: tuple[str, ...]) -> str:
    return "" if values else "holds nothing: name at least one value"


def _in_range(ttl: int) -> str:
    return "" if 0 <= ttl <= TTL_S_MOST else f"is {ttl}, must be from 0 to {TTL_S_MOST} seconds"


@dataclass(frozen=True)
class ChangeRecordsParams:
    """Parameters of `dns.change_records`."""

    zone: Annotated[str, Doc("hosted zone id")]
    name: Annotated[str, Doc("record name")]
    type: Annotated[str, Doc("record type")]
    values: Annotated[tuple[str, ...], Doc("the record's values")]
    ttl: Annotated[int, Doc("seconds that resolvers may keep it")] = 60
    rules: ClassVar[tuple[Rule, ...]] = (Rule(_some, "values"), Rule(_in_range, "ttl"))


class ChangeRecords(Setting[ChangeRecordsParams]):
    """A simple record's values, by Route 53's control plane, which lives in us-east-1: no help when that is lost.

    A name with an alias or a routing policy is refused and left alone; a record that was not there is deleted again by
    a return.

    Source: Route 53 API reference, ChangeResourceRecordSets (a deletion names the values that are there) and
    ListResourceRecordSets; AWS Fault Isolation Boundaries (the control plane's home).
    """

    name = "dns.change_records"
    summary = "change a record set (last resort: needs Route 53's control plane in us-east-1)"
    Params = ChangeRecordsParams
    deadline_s: ClassVar[float | None] = 300.0
    interval_s = 10.0
    expected = Expected(120.0, Provenance.DOCUMENTED, "INSYNC within a minute, plus the old TTL")
    subject_params: ClassVar[tuple[str, ...]] = ("zone", "name", "type")

    @classmethod
    def calls(cls, params: ChangeRecordsParams) -> tuple[Call, ...]:  # noqa: ARG003
        """Both are control plane."""
        return (
            Call("route53", "ListResourceRecordSets", "us-east-1"),
            Call("route53", "ChangeResourceRecordSets", "us-east-1", write=True),
        )

    def subject(self, params: ChangeRecordsParams) -> str:
        """The record set."""
        return f"route53:record:{params.zone}:{params.name}:{params.type}"

    def observe(self, params: ChangeRecordsParams) -> Json:
        """`{"values", "ttl"}`, empty where there is no such record.

        Raises:
            Rejected: the name has an alias or a routing policy there.
            ServiceTrouble: the record is answered without values, or without a TTL.
        """
        looked = self.calls(params)[0]
        sets = self.cloud.client("route53", "us-east-1").list_resource_record_sets(
            HostedZoneId=params.zone, StartRecordName=params.name, StartRecordType=params.type, MaxItems="1"
        )["ResourceRecordSets"]
        wanted = (_spelt(params.name), params.type)
        found = next((one for one in sets if (_spelt(one["Name"]), one["Type"]) == wanted), None)
        if found is None:
            return {"values": [], "ttl": 0}
        if not ROUTED.isdisjoint(found):
            what = f"{params.name} has an alias or one of several record sets, not a simple record"
            raise refused(what, looked, "NotSimple", "move names that have routing policies by dns.evacuate")
        of = f"record {params.name} {params.type}"
        values = [one["Value"] for one in known(found, "ResourceRecords", of, looked)]
        return {"values": sorted(values), "ttl": known(found, "TTL", of, looked)}

    def target(self, params: ChangeRecordsParams, before: Json) -> Json:  # noqa: ARG002
        """The values asked for."""
        return {"values": sorted(params.values), "ttl": params.ttl}

    def parts(self, params: ChangeRecordsParams, before: Json, target: Json) -> Sequence[Json]:  # noqa: ARG002
        """One change. To delete a record, Route 53 wants the values that it has."""
        change = {"action": "UPSERT", **target} if target["values"] else {"action": "DELETE", **before}
        return (change,)

    def write(self, params: ChangeRecordsParams, part: Json) -> None:
        """One atomic change."""
        record = {
            "Name": params.name,
            "Type": params.type,
            "TTL": part["ttl"],
            "ResourceRecords": [{"Value": value} for value in part["values"]],
        }
        self.cloud.client("route53", "us-east-1").change_resource_record_sets(
            HostedZoneId=params.zone, ChangeBatch={"Changes": [{"Action": part["action"], "ResourceRecordSet": record}]}
        )


def _spelt(name: str) -> str:
    r"""A name as it is compared: Route 53 answers in small letters, with a last dot and `\052` for an asterisk."""
    plain = re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), name)
    return plain.rstrip(".").lower()
