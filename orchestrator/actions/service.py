"""Does the place serve? Asked of the services themselves, and of what customers met there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from orchestrator.model.actions import Call, Check, Expected, Finding, Provenance, Reading
from orchestrator.model.parameters import Doc, Percent, Region, Seconds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

PAGE = 100
YOUNG_S = 30
"""A call that has waited less than this in the queue is neither answered nor unanswered yet."""


@dataclass(frozen=True)
class AnswersParams:
    """Parameters of `service.answers`."""

    region: Annotated[Region, Doc("the Region asked")]


class Answers(Check[AnswersParams]):
    """Amazon Connect answers in a Region and has an active instance that takes calls."""

    name = "service.answers"
    summary = "Amazon Connect in the Region answers and has an active instance that takes calls"
    Params = AnswersParams
    deadline_s: ClassVar[float | None] = 120.0
    expected = Expected(2.0, Provenance.ASSUMED)

    @classmethod
    def calls(cls, params: AnswersParams) -> tuple[Call, ...]:
        """One read in the Region."""
        return (Call("connect", "ListInstances", params.region),)

    def probe(self, params: AnswersParams) -> Finding:
        """Ask for the Region's instances."""
        active = [one for one in instances(self.cloud, params.region) if _takes_calls(one)]
        evidence = {"region": params.region, "active_instances": len(active)}
        if active:
            return Finding(Reading.HOLDS, f"Amazon Connect in {params.region} has an active instance", evidence)
        return Finding(Reading.PENDING, f"no active instance that takes calls in {params.region}", evidence)


@dataclass(frozen=True)
class CallsAnsweredParams:
    """Parameters of `service.calls_answered`."""

    region: Annotated[Region, Doc("where the calls should be answered")]
    percent_at_least: Annotated[Percent, Doc("of the calls in the window, connected to an agent")]
    window: Annotated[Seconds, Doc("how far back calls are counted, by when they came in")]
    calls_at_least: Annotated[int, Doc("fewer calls than this prove nothing")] = 20
    instance: Annotated[str, Doc("instance id; may be left out where the Region has one active instance")] = ""


class CallsAnswered(Check[CallsAnsweredParams]):
    """Served-call proof: customers are connected to agents in that Region. Inbound calls count, agents' own do not.

    Counted contact by contact from SearchContacts: the metric APIs' finest interval is too coarse for a recovery.
    """

    name = "service.calls_answered"
    summary = "customers' calls are connected to agents in the Region, counted contact by contact"
    Params = CallsAnsweredParams
    interval_s = 15.0
    expected = Expected(150.0, Provenance.ASSUMED, "the window plus agents' sign-in")

    @classmethod
    def calls(cls, params: CallsAnsweredParams) -> tuple[Call, ...]:
        """Two reads in the Region."""
        return (
            Call("connect", "ListInstances", params.region),
            Call("connect", "SearchContacts", params.region),
        )

    def probe(self, params: CallsAnsweredParams) -> Finding:
        """Count the window's calls."""
        active = [one["Id"] for one in instances(self.cloud, params.region) if _takes_calls(one)]
        if not params.instance and len(active) != 1:
            what = f"{len(active)} active instances in {params.region}: name one with `instance`"
            return Finding(Reading.UNKNOWN if active else Reading.PENDING, what, {"active_instances": len(active)})
        now = self.cloud.now()
        found = self._contacts(params.instance or active[0], params.region, now - timedelta(seconds=params.window), now)
        return _judge(params, *_counted(found, now))

    def _contacts(self, instance: str, region: str, since: datetime, now: datetime) -> Iterator[dict[str, Any]]:
        connect, token = self.cloud.client("connect", region), ""
        window = {"Type": "INITIATION_TIMESTAMP", "StartTime": since, "EndTime": now}
        calls = {"Channels": ["VOICE"], "InitiationMethods": ["INBOUND"]}
        while True:
            more = {"NextToken": token} if token else {}
            page = connect.search_contacts(
                InstanceId=instance, TimeRange=window, SearchCriteria=calls, MaxResults=PAGE, **more
            )
            yield from page["Contacts"]
            token = page.get("NextToken", "")
            if not token:
                return


def instances(cloud: Any, region: str) -> list[dict[str, Any]]:
    """The Region's instances, all pages."""
    connect, token, found = cloud.client("connect", region), "", list[dict[str, Any]]()
    while True:
        page = connect.list_instances(**({"NextToken": token} if token else {}))
        found += page["InstanceSummaryList"]
        token = page.get("NextToken", "")
        if not token:
            return found


def _takes_calls(instance: dict[str, Any]) -> bool:
    return instance.get("InstanceStatus") == "ACTIVE" and bool(instance.get("InboundCallsEnabled"))


def _counted(contacts: Iterator[dict[str, Any]], now: datetime) -> tuple[int, int]:
    """How many calls can be judged, and how many of these an agent has taken."""
    judged = answered = 0
    for contact in contacts:
        taken = contact.get("AgentInfo", {}).get("ConnectedToAgentTimestamp") is not None
        young = (now - contact["InitiationTimestamp"]).total_seconds() < YOUNG_S
        if taken or "DisconnectTimestamp" in contact or not young:
            judged += 1
            answered += taken
    return judged, answered


def _judge(params: CallsAnsweredParams, judged: int, answered: int) -> Finding:
    evidence = {"region": params.region, "calls": judged, "answered": answered}
    needed = max(params.calls_at_least, 1)
    if judged < needed:
        what = f"{judged} calls reached {params.region} in the window; to tell takes {needed}"
        return Finding(Reading.PENDING, what, evidence)
    share = 100 * answered / judged
    what = f"{answered} of {judged} calls answered in {params.region} ({share:.0f} %)"
    met = share >= params.percent_at_least
    return Finding(Reading.HOLDS if met else Reading.PENDING, what, {**evidence, "percent": round(share, 1)})
