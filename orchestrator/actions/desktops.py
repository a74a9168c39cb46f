"""Desktops of remote agents (Amazon WorkSpaces): started in waves, and whether they are there.

What fails for one desktop holds up no other: a refusal inside a 200 is told desktop by desktop, those that are stopped
are asked to start again while the others are awaited, and what no waiting mends is named once all others are there.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeVar

from orchestrator.actions.answers import known, listed, refused
from orchestrator.cloud.faults import quoted
from orchestrator.model.actions import Call, Check, Expected, Finding, Provenance, Reading, Setting
from orchestrator.model.errors import PartlyRefused
from orchestrator.model.parameters import Doc, Percent, Region, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from orchestrator.model.actions import Cloud
    from orchestrator.model.errors import CloudError
    from orchestrator.model.values import Json

WAVE = 25
"""Desktops per request (botocore: StartWorkspaces, StopWorkspaces, DescribeWorkspaces)."""
GONE = ""
"""The state of a desktop that is answered no more."""
AVAILABLE, STOPPED = "AVAILABLE", "STOPPED"
DEAD_ENDS = frozenset({GONE, "ERROR", "SUSPENDED", "TERMINATING", "TERMINATED"})
"""States that no waiting and no start leads out of (botocore, WorkspaceState)."""
STOPPABLE = frozenset({AVAILABLE, "IMPAIRED", "UNHEALTHY", "ERROR"})

T = TypeVar("T")


def some(desktops: list[str]) -> str:
    """What is wrong with a list of desktops that is empty, as a rule."""
    return "" if desktops else "names no desktop"


@dataclass(frozen=True)
class StartParams:
    """Parameters of `desktops.start`."""

    region: Annotated[Region, Doc("the Region of the desktops")]
    desktops: Annotated[list[str], Doc("WorkSpace ids, as in the inventory's `desktops.ids`")]
    rules: ClassVar[tuple[Rule, ...]] = (Rule(some, "desktops"),)


class Start(Setting[StartParams]):
    """Desktops are running. Only those that run in AutoStop mode can be started; who is connected is not touched.

    A return stops those that it finds running and that were stopped before. A desktop stops by itself when nobody uses
    it, so that what is seen later is this run's own whatever its state.

    Source: WorkSpaces API reference, StartWorkspaces and StopWorkspaces (25 per request, FailedRequests in a 200, no
    error for the request as a whole), DescribeWorkspaces; Administration Guide, "Manage the running mode" (a stopped
    desktop resumes typically in under 90 seconds).
    """

    name = "desktops.start"
    summary = "start desktops in waves of 25 and wait until they are available"
    Params = StartParams
    deadline_s: ClassVar[float | None] = 900.0
    interval_s = 15.0
    rewrite_s: ClassVar[float | None] = 60.0
    expected = Expected(120.0, Provenance.DOCUMENTED, "a stopped desktop resumes typically in under 90 seconds")
    subject_params: ClassVar[tuple[str, ...]] = ("region", "desktops")

    @classmethod
    def expect(cls, params: StartParams) -> Expected:
        """The waves go out one a second or so, and the last one takes its time."""
        waves = math.ceil(len(params.desktops) / WAVE)
        return Expected(90.0 + cls.interval_s + waves, Provenance.DOCUMENTED, cls.expected.source)

    @classmethod
    def calls(cls, params: StartParams) -> tuple[Call, ...]:
        """Look at them, start them; and stop them again where a value from before is returned to."""
        return (
            Call("workspaces", "DescribeWorkspaces", params.region),
            Call("workspaces", "StartWorkspaces", params.region, write=True),
            Call("workspaces", "StopWorkspaces", params.region, write=True),
        )

    def subject(self, params: StartParams) -> str:
        """These desktops' running."""
        return f"workspaces:running:{params.region}:{named(params.desktops)}"

    def observe(self, params: StartParams) -> Json:
        """`{desktop id: state}`, empty for one that exists no more.

        Raises:
            ServiceTrouble: a desktop is answered without its id or its state.
        """
        looked, states = self.calls(params)[0], dict.fromkeys(params.desktops, GONE)
        for desktop_id, desktop in described(self.cloud, params.desktops, looked):
            states[desktop_id] = known(desktop, "State", f"desktop {desktop_id}", looked)
        return states

    def target(self, params: StartParams, before: Json) -> Json:  # noqa: ARG002
        """All of them available."""
        return dict.fromkeys(before, AVAILABLE)

    def parts(self, params: StartParams, before: Json, target: Json) -> Sequence[Json]:  # noqa: ARG002
        """Waves of those that can be started, then of those that can be stopped; all others are awaited."""
        start = [one for one, wanted in sorted(target.items()) if wanted == AVAILABLE and before.get(one) == STOPPED]
        stop = [one for one, wanted in sorted(target.items()) if wanted == STOPPED and before.get(one) in STOPPABLE]
        return [
            {"do": what, "desktops": list(wave)}
            for what, chosen in (("start", start), ("stop", stop))
            for wave in waves(chosen)
        ]

    def write(self, params: StartParams, part: Json) -> None:
        """One wave.

        Raises:
            PartlyRefused: some of the desktops were refused, each for a reason of its own.
        """
        workspaces = self.cloud.client("workspaces", params.region)
        wave = [{"WorkspaceId": desktop} for desktop in part["desktops"]]
        _, start, stop = self.calls(params)
        if part["do"] == "start":
            answer, call = workspaces.start_workspaces(StartWorkspaceRequests=wave), start
        else:
            answer, call = workspaces.stop_workspaces(StopWorkspaceRequests=wave), stop
        _refuse_failed(answer.get("FailedRequests") or (), len(wave), call)

    def settled(self, params: StartParams, target: Json, now: Json) -> bool:  # noqa: ARG002
        """Each is running or stopped, as wanted; what was neither counts for nothing, and what is gone has stopped."""
        so = {AVAILABLE: (AVAILABLE,), STOPPED: (STOPPED, GONE)}
        return all(now.get(one) in so[wanted] for one, wanted in target.items() if wanted in so)

    def still_ours(self, params: StartParams, ours: Json, now: Json) -> bool:  # noqa: ARG002
        """Always: people and time stop and start desktops, and nobody's value is lost by it."""
        return True

    def given_up(self, params: StartParams, now: Json) -> CloudError | None:
        """Once all that can be had is there, the others are named."""
        rest = {one: state for one, state in now.items() if state != AVAILABLE}
        if not rest or not set(rest.values()) <= DEAD_ENDS:
            return None
        named = ", ".join(f"{one} ({state or 'gone'})" for one, state in sorted(rest.items()))
        what = f"{len(rest)} of {len(now)} desktops in {params.region} cannot be started: {named}"
        remedy = "rebuild or restore these, or give their users others; then run this again"
        return refused(what, self.calls(params)[1], "NotStartable", remedy)


@dataclass(frozen=True)
class AvailableParams:
    """Parameters of `desktops.available`."""

    region: Annotated[Region, Doc("the Region of the desktops")]
    desktops: Annotated[list[str], Doc("WorkSpace ids, as in the inventory's `desktops.ids`")]
    percent_at_least: Annotated[Percent, Doc("of them, available")]
    rules: ClassVar[tuple[Rule, ...]] = (Rule(some, "desktops"),)


class Available(Check[AvailableParams]):
    """Desktops are there: their users can connect. Whether somebody does is not asked.

    Source: WorkSpaces API reference, DescribeWorkspaces (AVAILABLE: running, and has passed the health checks).
    """

    name = "desktops.available"
    summary = "enough desktops are running and have passed their health checks"
    Params = AvailableParams
    deadline_s: ClassVar[float | None] = 300.0
    interval_s = 15.0
    expected = Expected(5.0, Provenance.ASSUMED)

    @classmethod
    def calls(cls, params: AvailableParams) -> tuple[Call, ...]:
        """One read for 25 of them."""
        return (Call("workspaces", "DescribeWorkspaces", params.region),)

    def probe(self, params: AvailableParams) -> Finding:
        """Ask for their states."""
        looked, states = self.calls(params)[0], dict.fromkeys(params.desktops, GONE)
        for desktop_id, desktop in described(self.cloud, params.desktops, looked):
            states[desktop_id] = known(desktop, "State", f"desktop {desktop_id}", looked)
        counts = {state: list(states.values()).count(state) for state in sorted(set(states.values()))}
        there, needed = counts.get(AVAILABLE, 0), math.ceil(len(states) * params.percent_at_least / 100)
        lost = sum(count for state, count in counts.items() if state in DEAD_ENDS)
        words = ", ".join(f"{count} {state or 'gone'}" for state, count in counts.items())
        evidence = {"region": params.region, "desktops": len(states), "available": there, "needed": needed}
        reading = Reading.PENDING if len(states) - lost >= needed else Reading.FAILS
        return Finding(
            Reading.HOLDS if there >= needed else reading,
            f"{there} of {len(states)} desktops in {params.region} are available, {needed} are needed ({words})",
            evidence,
        )


def described(cloud: Cloud, wanted: Sequence[str], call: Call) -> Iterator[tuple[str, dict[str, Any]]]:
    """Those of the wanted desktops that exist, with their ids."""
    workspaces = cloud.client("workspaces", call.region)
    for wave in waves(wanted):
        for desktop in listed(workspaces, "describe_workspaces", "Workspaces", WorkspaceIds=list(wave)):
            desktop_id = known(desktop, "WorkspaceId", "a desktop", call)
            if desktop_id in wave:
                yield desktop_id, desktop


def _refuse_failed(failed: Sequence[Mapping[str, Any]], asked: int, call: Call) -> None:
    members = {}
    for number, each in enumerate(failed, 1):
        one = str(each.get("WorkspaceId") or f"unnamed {number}")
        words = quoted(str(each.get("ErrorMessage") or ""))
        code = each.get("ErrorCode") or "without a code"
        members[one] = f"desktop {one}: {call.operation} was refused ({code}){f': {words}' if words else ''}"
    if members:
        raise partly_refused(members, asked, call)


def partly_refused(members: Mapping[str, str], asked: int, call: Call) -> PartlyRefused:
    """That `call`, made for `asked` desktops, was refused for these: why, by desktop."""
    what = f"{call.service}:{call.operation} in {call.region} was refused for {len(members)} of {asked}: "
    return PartlyRefused(
        what + "; ".join(members.values()), members,
        service=call.service, operation=call.operation, region=call.region,
    )  # fmt: skip


def waves(members: Sequence[T]) -> Iterator[Sequence[T]]:
    """In their order, 25 by 25."""
    return (members[first : first + WAVE] for first in range(0, len(members), WAVE))


def named(desktops: Sequence[str]) -> str:
    """The set of desktops, in a subject: as many as may be, their names in a digest."""
    return hashlib.sha256(",".join(sorted(desktops)).encode()).hexdigest()[:12]
