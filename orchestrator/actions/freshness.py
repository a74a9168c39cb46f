"""Whether both Regions of a replicated instance are configured alike: asked before callers are moved back.

Edits made while a Region was away arrive there after it is back, and some never do: moved too early, agents and callers
meet yesterday's configuration.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, get_args

from orchestrator.actions.answers import known
from orchestrator.actions.replication import COMPLETE, REPLICA_DEAD_ENDS
from orchestrator.model.actions import Call, Check, Expected, Finding, Provenance, Reading
from orchestrator.model.durations import show_duration
from orchestrator.model.parameters import Doc, Region, Rule, Seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orchestrator.model.values import Json

Kind = Literal["AGENT", "CONTACT_FLOW", "OPERATING_HOURS", "QUEUE", "ROUTING_PROFILE", "SECURITY_PROFILE"]
"""Kinds of resources that calls and agents need (botocore, ListReplicationFindings: ResourceType)."""
KINDS: tuple[Kind, ...] = get_args(Kind)
COUNTED_WITHIN = Seconds(900.0)
"""AWS documents no interval of its counting; ours is a choice."""


def _some_time(counted_within: float) -> str:
    return "" if counted_within > 0 else "is no time at all, must be longer"


def _something(kinds: tuple[str, ...]) -> str:
    return "" if kinds else "names no kind of resource: leave it out for all that can be asked"


@dataclass(frozen=True)
class ReplicationFreshParams:
    """Parameters of `connect.replication_fresh`."""

    region: Annotated[Region, Doc("the Region asked: the one that is to take callers")]
    instance: Annotated[str, Doc("instance id")]
    counted_within: Annotated[Seconds, Doc("an older count of what differs is unknown")] = COUNTED_WITHIN
    kinds: Annotated[tuple[Kind, ...], Doc("kinds of resources, in the service's own words")] = KINDS
    rules: ClassVar[tuple[Rule, ...]] = (Rule(_some_time, "counted_within"), Rule(_something, "kinds"))


class ReplicationFresh(Check[ReplicationFreshParams]):
    """The pair's replication is complete, and nothing differs between the two Regions in any kind asked for.

    Fails at once on a replication that no waiting mends. What differs, or wants a person, is pending; what the service
    has not counted, or not lately, is unknown: it counts eventually, and findings may be none while something differs.

    Source: Connect API reference, DescribeInstance (ReplicationConfiguration) and ListReplicationFindings;
    Administrator Guide, "Create a replica of your existing Amazon Connect instance" (failed syncs are tried again).
    """

    name = "connect.replication_fresh"
    continuity = "global-resiliency"
    summary = "the instance's replication is complete, and nothing differs between its Regions"
    Params = ReplicationFreshParams
    deadline_s: ClassVar[float | None] = 3_600.0
    interval_s = 60.0
    expected = Expected(10.0, Provenance.ASSUMED, "if all has arrived; a failed sync takes up to 30 minutes")

    @classmethod
    def calls(cls, params: ReplicationFreshParams) -> tuple[Call, ...]:
        """Two reads in the Region."""
        return (
            Call("connect", "DescribeInstance", params.region),
            Call("connect", "ListReplicationFindings", params.region),
        )

    def probe(self, params: ReplicationFreshParams) -> Finding:
        """Ask for the statuses, then kind by kind for what differs.

        Raises:
            ServiceTrouble: a status or a count is answered without the members that tell it.
        """
        statuses = self._statuses(params)
        evidence: dict[str, Json] = {"statuses": statuses}
        if len(statuses) < 2:
            return Finding(Reading.FAILS, f"{params.instance} has no replica, as {params.region} sees it", evidence)
        words = ", ".join(f"{region} {status}" for region, status in sorted(statuses.items()))
        if set(statuses.values()) & REPLICA_DEAD_ENDS.keys():
            return Finding(Reading.FAILS, f"replication ends nowhere: {words}", evidence)
        if set(statuses.values()) != {COMPLETE}:
            return Finding(Reading.PENDING, f"replication is not complete: {words}", evidence)
        found: dict[str, Any] = {kind: self._findings(params, kind) for kind in params.kinds}
        return self._judged(params, found, evidence, tuple(sorted(statuses)))

    def _statuses(self, params: ReplicationFreshParams) -> dict[str, Json]:
        looked, of = self.calls(params)[0], f"a replication of instance {params.instance}"
        found = self.cloud.client("connect", params.region).describe_instance(InstanceId=params.instance)
        listed = found.get("ReplicationConfiguration", {}).get("ReplicationStatusSummaryList") or ()
        return {known(one, "Region", of, looked): known(one, "ReplicationStatus", of, looked) for one in listed}

    def _findings(self, params: ReplicationFreshParams, kind: str) -> Any:
        """The first page is enough: counts and statuses are on each, and one finding is one too many."""
        return self.cloud.client("connect", params.region).list_replication_findings(
            InstanceId=params.instance, ResourceType=kind
        )

    def _judged(
        self, params: ReplicationFreshParams, found: dict[str, Any], evidence: dict[str, Json], regions: tuple[str, ...]
    ) -> Finding:
        drift = {kind: self._drift(params, kind, found[kind]) for kind in found}
        evidence = {**evidence, "differing": drift}
        amiss = [why for kind in found for why in _amiss(kind, found[kind], drift[kind])]
        if amiss:
            return Finding(Reading.PENDING, "; ".join(amiss), evidence)
        uncounted = [f"{kind} in {region}" for kind in found for region in regions if region not in drift[kind]]
        if uncounted:
            within = show_duration(params.counted_within)
            return Finding(Reading.UNKNOWN, f"not counted within {within}: {', '.join(uncounted)}", evidence)
        what = f"replication is complete, and nothing differs between {' and '.join(regions)}"
        return Finding(Reading.HOLDS, what, evidence)

    def _drift(self, params: ReplicationFreshParams, kind: str, found: Any) -> dict[str, int]:
        """How many resources differ, by Region, where that was counted lately."""
        looked, now = self.calls(params)[1], self.cloud.now()
        counts: dict[str, int] = {}
        for one in found.get("ApproximateDriftedResourceCounts") or ():
            at = known(one, "Timestamp", f"the count of {kind}", looked)
            if (now - at).total_seconds() <= params.counted_within:
                region = known(one, "Region", f"the count of {kind}", looked)
                counts[region] = known(one, "Count", f"the count of {kind} in {region}", looked)
        return counts


def _amiss(kind: str, found: Any, drift: dict[str, int]) -> Iterator[str]:
    """What differs, what is not replicated, and what waits for a person."""
    yield from (f"{count} of {kind} not yet in {region}" for region, count in sorted(drift.items()) if count)
    for one in found.get("ResourceReplicationStatuses") or ():
        if one.get("Status") != "ENABLED":
            yield f"replication of {kind} in {one.get('Region')} is {one.get('Status')}"
    if count := len(found.get("ReplicationFindingsList") or ()):
        yield f"findings of {kind} that want a person: {count}"
