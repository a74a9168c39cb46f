"""Whether desktops stop when nobody uses them: the running mode of each, and what it was before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from orchestrator.actions.answers import known, refused
from orchestrator.actions.desktops import described, named, partly_refused, some
from orchestrator.model.actions import Call, Expected, Provenance, Setting
from orchestrator.model.errors import Conflict, NotFound, Rejected
from orchestrator.model.parameters import Doc, Region, Rule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orchestrator.model.errors import CloudError
    from orchestrator.model.values import Json

HOUR_MIN = 60
"""Steps of the time after which a desktop stops (botocore, RunningModeAutoStopTimeoutInMinutes)."""


def _whole_hours(auto_stop_minutes: int) -> str:
    fits = auto_stop_minutes >= HOUR_MIN and auto_stop_minutes % HOUR_MIN == 0
    return "" if fits else f"is {auto_stop_minutes}, must be in steps of {HOUR_MIN}"


@dataclass(frozen=True)
class RunningModeParams:
    """Parameters of `desktops.running_mode`."""

    region: Annotated[Region, Doc("the Region of the desktops")]
    desktops: Annotated[list[str], Doc("WorkSpace ids, as in the inventory's `desktops.ids`")]
    mode: Annotated[Literal["ALWAYS_ON", "AUTO_STOP"], Doc("whether a desktop stops when nobody uses it")]
    auto_stop_minutes: Annotated[int, Doc("with AUTO_STOP: how long after its user has left, in whole hours")] = 60
    rules: ClassVar[tuple[Rule, ...]] = (Rule(some, "desktops"), Rule(_whole_hours, "auto_stop_minutes"))


class RunningMode(Setting[RunningModeParams]):
    """How each desktop runs. One call a desktop; the mode of each before is what a return gives back.

    A desktop that is kept running cannot be started or stopped by request: start it first. Switching costs money: a
    month's fee for a desktop that was paid by the hour.

    Source: WorkSpaces API reference, ModifyWorkspaceProperties (one id a call) and DescribeWorkspaces; Administration
    Guide, "Manage the running mode" (at any time).
    """

    name = "desktops.running_mode"
    summary = "keep desktops running, or let them stop when nobody uses them"
    Params = RunningModeParams
    deadline_s: ClassVar[float | None] = 900.0
    interval_s = 10.0
    rewrite_s: ClassVar[float | None] = 60.0
    expected = Expected(60.0, Provenance.ASSUMED, "minutes; one call a desktop")
    subject_params: ClassVar[tuple[str, ...]] = ("region", "desktops")

    @classmethod
    def expect(cls, params: RunningModeParams) -> Expected:
        """One call a desktop, at most two a second."""
        return Expected(len(params.desktops) * 1.0 + 2, Provenance.ASSUMED, cls.expected.source)

    @classmethod
    def calls(cls, params: RunningModeParams) -> tuple[Call, ...]:
        """Look at all, change one by one."""
        return (
            Call("workspaces", "DescribeWorkspaces", params.region),
            Call("workspaces", "ModifyWorkspaceProperties", params.region, write=True),
        )

    def subject(self, params: RunningModeParams) -> str:
        """These desktops' running mode."""
        return f"workspaces:running-mode:{params.region}:{named(params.desktops)}"

    def observe(self, params: RunningModeParams) -> Json:
        """`{desktop id: {"mode", "minutes", "changing"}}`; null for one that exists no more.

        `minutes` is null where the mode has no such time, `changing` holds what is being modified.

        Raises:
            ServiceTrouble: a desktop is answered without its id or its running mode.
        """
        looked, found = self.calls(params)[0], dict.fromkeys(params.desktops)
        for desktop_id, desktop in described(self.cloud, params.desktops, looked):
            of = f"desktop {desktop_id}"
            properties = known(desktop, "WorkspaceProperties", of, looked)
            mode = known(properties, "RunningMode", of, looked)
            minutes = properties.get("RunningModeAutoStopTimeoutInMinutes") if mode == "AUTO_STOP" else None
            changing = sorted(str(each.get("Resource")) for each in desktop.get("ModificationStates") or ())
            found[desktop_id] = {"mode": mode, "minutes": minutes, "changing": changing}
        return found

    def target(self, params: RunningModeParams, before: Json) -> Json:
        """The mode, for all."""
        minutes = params.auto_stop_minutes if params.mode == "AUTO_STOP" else None
        return {one: {"mode": params.mode, "minutes": minutes, "changing": []} for one in before}

    def parts(self, params: RunningModeParams, before: Json, target: Json) -> Sequence[Json]:  # noqa: ARG002
        """Those that run otherwise, in a fixed order."""
        return [
            {"desktop": one, "mode": wanted["mode"], "minutes": wanted["minutes"]}
            for one, wanted in sorted(target.items())
            if wanted and not _runs(before.get(one), wanted)
        ]

    def write(self, params: RunningModeParams, part: Json) -> None:
        """One desktop.

        Raises:
            PartlyRefused: it cannot be changed, or not now.
        """
        minutes = {} if part["minutes"] is None else {"RunningModeAutoStopTimeoutInMinutes": part["minutes"]}
        call = self.calls(params)[1]
        try:
            self.cloud.client("workspaces", params.region).modify_workspace_properties(
                WorkspaceId=part["desktop"], WorkspaceProperties={"RunningMode": part["mode"], **minutes}
            )
        except (Conflict, NotFound, Rejected) as why:
            raise partly_refused({part["desktop"]: f"desktop {part['desktop']}: {why}"}, 1, call) from why

    def settled(self, params: RunningModeParams, target: Json, now: Json) -> bool:  # noqa: ARG002
        """Each runs so, and nothing of it is being modified; what is gone has stopped for good."""
        pairs = [(now.get(one), wanted) for one, wanted in target.items() if wanted]
        return all(
            _runs(is_so, wanted) and not is_so["changing"] if is_so else wanted["mode"] == "AUTO_STOP"
            for is_so, wanted in pairs
        )

    def given_up(self, params: RunningModeParams, now: Json) -> CloudError | None:
        """A desktop that exists no more will not run in any mode."""
        gone = sorted(one for one, is_so in now.items() if is_so is None)
        if not gone or not all(_runs(is_so, {"mode": params.mode}) for is_so in now.values() if is_so):
            return None
        what = f"{len(gone)} of {len(now)} desktops in {params.region} are gone: {', '.join(gone)}"
        return refused(what, self.calls(params)[1], "DesktopsGone", "take them out of the inventory")


def _runs(is_so: Mapping[str, Any] | None, wanted: Mapping[str, Any]) -> bool:
    return is_so is not None and all(is_so[key] == wanted[key] for key in ("mode", "minutes") if key in wanted)
