"""Whether it is a good time to move callers back: healthy for long enough, quiet, and with little left in the queues.

Laws: these are gates of a planned move, so what cannot be told is unknown and never a yes; and an answer that is old is
not an answer (after an outage services are up long before their figures are).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from orchestrator.actions import service
from orchestrator.actions.answers import known
from orchestrator.model.actions import Call, Check, Expected, Finding, Provenance, Reading
from orchestrator.model.durations import show_duration
from orchestrator.model.parameters import Doc, Region, Rule, Seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orchestrator.model.values import Json

DAY_S = 86_400
QUEUES_MAX = 100
"""Queues a request (botocore, GetCurrentMetricData: Filters)."""
SNAPSHOT_S_MAX = 120
"""A real-time figure older than this is not of now. AWS documents no age; ours is a choice."""


def _between_nothing_and_a_day(seconds: float) -> str:
    if seconds <= 0:
        return "is no time at all, must be longer"
    return f"is {show_duration(seconds)}, must be {show_duration(DAY_S)} at most" if seconds > DAY_S else ""


def _no_less_than_none(count: int) -> str:
    return "" if count >= 0 else f"is {count}, must be 0 or more"


@dataclass(frozen=True)
class HealthyForParams:
    """Parameters of `service.healthy_for`."""

    region: Annotated[Region, Doc("the Region that must be healthy")]
    at_least: Annotated[Seconds, Doc("how long without a look that failed; the step's deadline must be longer")]
    rules: ClassVar[tuple[Rule, ...]] = (Rule(_between_nothing_and_a_day, "at_least"),)


class HealthyFor(Check[HealthyForParams]):
    """Amazon Connect answers in the Region, as `service.answers` asks it, at every look over that long.

    A look that does not hold, or cannot be made, starts the time again, for a recovery may be followed by another wave;
    a resumed run begins anew.

    Source: Connect API reference, ListInstances; AWS post-event summary of 19 and 20 October 2025 (several waves).
    """

    name = "service.healthy_for"
    summary = "Amazon Connect in the Region has answered at every look for so long"
    Params = HealthyForParams
    interval_s = 30.0
    expected = Expected(900.0, Provenance.ASSUMED, "the time asked for")

    @classmethod
    def expect(cls, params: HealthyForParams) -> Expected:
        """The time asked for."""
        return Expected(params.at_least, Provenance.ASSUMED, "the time asked for")

    @classmethod
    def needed_in_a_row(cls, params: HealthyForParams) -> int:
        """The first look, and one an interval until that long has passed."""
        return math.ceil(params.at_least / cls.interval_s) + 1

    @classmethod
    def calls(cls, params: HealthyForParams) -> tuple[Call, ...]:
        """One read in the Region."""
        return service.Answers.calls(service.AnswersParams(params.region))

    def probe(self, params: HealthyForParams) -> Finding:
        """Ask once."""
        return service.Answers(self.cloud).probe(service.AnswersParams(params.region))


@dataclass(frozen=True)
class LowTideParams:
    """Parameters of `service.low_tide`."""

    region: Annotated[Region, Doc("where callers are now")]
    instance: Annotated[str, Doc("instance id")]
    calls_at_most: Annotated[int, Doc("calls offered in the window")]
    window: Annotated[Seconds, Doc("how far back calls are counted, by when they came in")]
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(_no_less_than_none, "calls_at_most"),
        Rule(_between_nothing_and_a_day, "window"),
    )


class LowTide(Check[LowTideParams]):
    """Few calls come in at the Region. Inbound calls count, whatever became of them.

    Source: Connect API reference, SearchContacts (TotalCount: how many contacts matched).
    """

    name = "service.low_tide"
    summary = "few calls come in at the Region: the time to move those who call"
    Params = LowTideParams
    interval_s = 60.0
    expected = Expected(5.0, Provenance.ASSUMED, "if it is low tide")

    @classmethod
    def calls(cls, params: LowTideParams) -> tuple[Call, ...]:
        """One read in the Region."""
        return (Call("connect", "SearchContacts", params.region),)

    def probe(self, params: LowTideParams) -> Finding:
        """Count the window's calls.

        Raises:
            ServiceTrouble: the service does not say how many there are.
        """
        found = self.cloud.client("connect", params.region).search_contacts(
            InstanceId=params.instance, MaxResults=1, **service.customers_calls(params.window, self.cloud.now())
        )
        count = known(found, "TotalCount", "the calls", self.calls(params)[0])
        what = f"{count} calls came in at {params.region} within {show_duration(params.window)}"
        return _at_most(count, params.calls_at_most, what, {"region": params.region, "calls": count})


def _nameable(queues: tuple[str, ...]) -> str:
    most = f"must be 1 to {QUEUES_MAX}"
    return "" if 1 <= len(queues) <= QUEUES_MAX else f"names {len(queues)} queues, {most}"


@dataclass(frozen=True)
class BacklogParams:
    """Parameters of `service.backlog`."""

    region: Annotated[Region, Doc("where the contacts wait: those queued never follow a move")]
    instance: Annotated[str, Doc("instance id")]
    queues: Annotated[tuple[str, ...], Doc("queue ids, 1 to 100")]
    contacts_at_most: Annotated[int, Doc("contacts waiting in these queues together")]
    rules: ClassVar[tuple[Rule, ...]] = (Rule(_nameable, "queues"), Rule(_no_less_than_none, "contacts_at_most"))


class Backlog(Check[BacklogParams]):
    """Few contacts wait in the queues of the Region. Those who wait stay there when agents and new callers move.

    A figure that is missing (the service then has no data: that is not nought) or older than two minutes is unknown.

    Source: Connect API reference, GetCurrentMetricData (CONTACTS_IN_QUEUE; null and empty results; DataSnapshotTime);
    Administrator Guide, "Update telephony traffic distribution" (queued contacts stay).
    """

    name = "service.backlog"
    summary = "few contacts wait in the Region's queues: those would be left behind"
    Params = BacklogParams
    interval_s = 15.0
    expected = Expected(5.0, Provenance.ASSUMED, "if nobody waits")

    @classmethod
    def calls(cls, params: BacklogParams) -> tuple[Call, ...]:
        """One read in the Region."""
        return (Call("connect", "GetCurrentMetricData", params.region),)

    def probe(self, params: BacklogParams) -> Finding:
        """Ask for the queues' present figure.

        Raises:
            ServiceTrouble: the service does not say of when its figure is.
        """
        looked = self.calls(params)[0]
        found = self.cloud.client("connect", params.region).get_current_metric_data(
            InstanceId=params.instance,
            Filters={"Queues": list(params.queues)},
            CurrentMetrics=[{"Name": "CONTACTS_IN_QUEUE", "Unit": "COUNT"}],
        )
        figures = [each.get("Value") for one in found.get("MetricResults") or () for each in one.get("Collections", ())]
        if not figures or None in figures:
            return Finding(Reading.UNKNOWN, f"{params.region} has no figure of contacts in queue", {})
        age_s = (self.cloud.now() - known(found, "DataSnapshotTime", "the figures", looked)).total_seconds()
        if age_s > SNAPSHOT_S_MAX:
            what = f"the figure of contacts in queue at {params.region} is {show_duration(int(age_s))} old"
            return Finding(Reading.UNKNOWN, what, {"age_s": round(age_s)})
        count = int(sum(figures))
        what = f"{count} contacts wait in queues of {params.region}"
        return _at_most(count, params.contacts_at_most, what, {"region": params.region, "contacts": count})


def _at_most(count: int, most: int, what: str, evidence: Mapping[str, Json]) -> Finding:
    reading = Reading.HOLDS if count <= most else Reading.PENDING
    return Finding(reading, what if reading is Reading.HOLDS else f"{what}; at most {most} may", evidence)
