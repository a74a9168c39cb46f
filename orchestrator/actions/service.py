"""Does the place serve? Asked of the services themselves, and of what customers met there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from orchestrator.actions.answers import known, listed
from orchestrator.model.actions import Call, Check, Expected, Finding, Provenance, Reading
from orchestrator.model.durations import show_duration
from orchestrator.model.parameters import Doc, Percent, Region, Rule, Seconds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from orchestrator.model.actions import Cloud

PAGE = 100
CREATION_FAILED = "CREATION_FAILED"
WINDOW_S_MAX = 86_400
"""A proof is of what callers meet now. The API's model names no longest range; every call in it is read, page by page,
at each look."""
YOUNG_S = 30
"""A call that has waited less than this in the queue is neither answered nor unanswered yet."""


@dataclass(frozen=True)
class AnswersParams:
    """Parameters of `service.answers`."""

    region: Annotated[Region, Doc("the Region asked")]


class Answers(Check[AnswersParams]):
    """Amazon Connect answers in a Region and has an active instance that takes calls.

    Fails at once where every instance of the Region is one whose creation failed: no waiting mends that.

    Source: Connect API reference, ListInstances (InstanceStatus, InboundCallsEnabled).
    """

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
        found = instances(self.cloud, params.region)
        active = [one for one in found if _takes_calls(one)]
        evidence = {"region": params.region, "active_instances": len(active)}
        if active:
            return Finding(Reading.HOLDS, f"Amazon Connect in {params.region} has an active instance", evidence)
        states = ", ".join(sorted({str(one.get("InstanceStatus", "of no status")) for one in found}))
        what = f"no active instance that takes calls in {params.region}"
        reading = Reading.FAILS if states == CREATION_FAILED else Reading.PENDING
        return Finding(reading, f"{what} ({len(found)}: {states})" if found else what, evidence)


def _some_time(window: float) -> str:
    if window <= 0:
        return "is no time at all, must be longer"
    if window > WINDOW_S_MAX:
        return f"is {show_duration(window)}, must be {show_duration(WINDOW_S_MAX)} at most"
    return ""


def _some_calls(calls_at_least: int) -> str:
    return "" if calls_at_least > 0 else f"is {calls_at_least}, must be 1 or more: no call proves nothing"


@dataclass(frozen=True)
class CallsAnsweredParams:
    """Parameters of `service.calls_answered`."""

    region: Annotated[Region, Doc("where the calls should be answered")]
    percent_at_least: Annotated[Percent, Doc("of the calls in the window, connected to an agent")]
    window: Annotated[Seconds, Doc("how far back calls are counted, by when they came in")]
    calls_at_least: Annotated[int, Doc("fewer calls than this prove nothing")] = 20
    instance: Annotated[str, Doc("instance id; may be left out where the Region has one active instance")] = ""
    rules: ClassVar[tuple[Rule, ...]] = (Rule(_some_time, "window"), Rule(_some_calls, "calls_at_least"))


class CallsAnswered(Check[CallsAnsweredParams]):
    """Served-call proof: customers are connected to agents in that Region. Inbound calls count, agents' own do not.

    Counted contact by contact: the metric APIs' finest interval is too coarse for a recovery. A call that neither was
    answered nor has ended counts once it has waited 30 seconds; fewer calls than asked for are pending, never a yes.

    Source: Connect API reference, SearchContacts (AgentInfo.ConnectedToAgentTimestamp) and ListInstances.
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
        """Count the window's calls.

        Raises:
            ServiceTrouble: an instance is answered without its id, or a call without the time that it came in.
        """
        looked, searched = self.calls(params)
        active = [one for one in instances(self.cloud, params.region) if _takes_calls(one)]
        if not params.instance and len(active) != 1:
            what = f"{len(active)} active instances in {params.region}: name one with `instance`"
            return Finding(Reading.UNKNOWN if active else Reading.PENDING, what, {"active_instances": len(active)})
        instance = params.instance or known(active[0], "Id", "an active instance", looked)
        now = self.cloud.now()
        found = listed(
            self.cloud.client("connect", params.region), "search_contacts", "Contacts",
            InstanceId=instance, MaxResults=PAGE, **customers_calls(params.window, now),
        )  # fmt: skip
        return _judge(params, *_counted(found, now, searched))


def customers_calls(window_s: float, now: datetime) -> dict[str, Any]:
    """What SearchContacts is asked for: inbound calls, by when they came in, up to `now`."""
    return {
        "TimeRange": {
            "Type": "INITIATION_TIMESTAMP", "StartTime": now - timedelta(seconds=window_s), "EndTime": now,
        },
        "SearchCriteria": {"Channels": ["VOICE"], "InitiationMethods": ["INBOUND"]},
    }  # fmt: skip


def instances(cloud: Cloud, region: str) -> list[dict[str, Any]]:
    """The Region's instances, all pages."""
    return list(listed(cloud.client("connect", region), "list_instances", "InstanceSummaryList"))


def _takes_calls(instance: dict[str, Any]) -> bool:
    return instance.get("InstanceStatus") == "ACTIVE" and bool(instance.get("InboundCallsEnabled"))


def _counted(contacts: Iterator[dict[str, Any]], now: datetime, searched: Call) -> tuple[int, int]:
    """How many calls can be judged, and how many of these an agent has taken."""
    judged = answered = 0
    for contact in contacts:
        taken = contact.get("AgentInfo", {}).get("ConnectedToAgentTimestamp") is not None
        began = known(contact, "InitiationTimestamp", "a call", searched)
        if taken or "DisconnectTimestamp" in contact or (now - began).total_seconds() >= YOUNG_S:
            judged += 1
            answered += taken
    return judged, answered


def _judge(params: CallsAnsweredParams, judged: int, answered: int) -> Finding:
    evidence = {"region": params.region, "calls": judged, "answered": answered}
    if judged < params.calls_at_least:
        what = f"{judged} calls reached {params.region} in the window; to tell takes {params.calls_at_least}"
        return Finding(Reading.PENDING, what, evidence)
    share = 100 * answered / judged
    what = f"{answered} of {judged} calls answered in {params.region} ({share:.0f} %)"
    met = share >= params.percent_at_least
    return Finding(Reading.HOLDS if met else Reading.PENDING, what, {**evidence, "percent": round(share, 1)})
