"""One desktop: what it is, and the states that it goes through by itself.

Rules and their sources:
- botocore, WorkspaceState: STARTING while health checks run, then AVAILABLE; STOPPING, then STOPPED.
- Administration Guide, "Manage the running mode": an AutoStop desktop stops once nobody has been connected for its
  time, in whole hours (60-minute steps in botocore), and a stopped one resumes "typically in under 90 seconds".
- Modelled: a start takes 45 to 90 s, the same for the same desktop each time; a stop takes 60 s; nobody's being
  connected is the rule, for who uses a desktop is not simulated.

States come due when somebody reads them: a desktop that nobody looks at costs nothing.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from moto.workspaces.models import Workspace

from drills.simulator.aws.connect.mirror import now

if TYPE_CHECKING:
    from datetime import datetime

CREATION = timedelta(minutes=20)
START_S = (45, 90)
STOP = timedelta(seconds=60)
HOUR_MIN = 60
_AUTO_STOP_TIME = "RunningModeAutoStopTimeoutInMinutes"

AUTO_STOP, ALWAYS_ON, MANUAL = "AUTO_STOP", "ALWAYS_ON", "MANUAL"
PENDING, AVAILABLE, STARTING, STOPPING, STOPPED = "PENDING", "AVAILABLE", "STARTING", "STOPPING", "STOPPED"
MAY_BE_STOPPED = frozenset({AVAILABLE, "IMPAIRED", "UNHEALTHY", "ERROR"})
"""botocore, StopWorkspaces."""


class Desktop(Workspace):
    """moto's WorkSpace, of one user, with states of its own. Made by `out_of`.

    `settled` is the state that came last, `turns` are those to come, each with its moment (aware, UTC), in order.
    """

    settled: str
    turns: list[tuple[datetime, str]]

    @classmethod
    def out_of(cls, made: Workspace) -> Desktop:
        """Turn moto's new WorkSpace into ours: available at once, as moto has it, unless `make` says otherwise."""
        desktop: Any = made
        desktop.__class__ = cls
        desktop.settled, desktop.turns = vars(desktop).pop("state"), []
        return cast("Desktop", desktop)

    @property
    def id(self) -> str:
        """Its id."""
        return self.workspace_id

    @property
    def state(self) -> str:  # type: ignore[override]  # moto keeps a value; ours follows the clock
        """The state now."""
        present = now()
        while self.turns and self.turns[0][0] <= present:
            due, self.settled = self.turns.pop(0)
            if self.settled == AVAILABLE:
                self._will_stop(due)
        return self.settled

    @property
    def running_mode(self) -> str:
        """As botocore's RunningMode."""
        return str(self.workspace_properties["RunningMode"])

    @property
    def auto_stop_min(self) -> int:
        """Minutes until it stops by itself; 0 where the running mode has no such time."""
        return int(self.workspace_properties.get(_AUTO_STOP_TIME) or 0)

    def set_auto_stop(self, minutes: int) -> None:
        """Have it stop by itself after so many minutes; 0: never."""
        self.workspace_properties.pop(_AUTO_STOP_TIME, None)
        if minutes:
            self.workspace_properties[_AUTO_STOP_TIME] = minutes

    def make(self, *, long_ago: bool) -> None:
        """Begin to be made; a desktop of long ago has been made already, and stopped where its mode says so."""
        if long_ago:
            self.settled = AVAILABLE if self.running_mode == ALWAYS_ON else STOPPED
        else:
            self.settled, self.turns = PENDING, [(now() + CREATION, AVAILABLE)]

    def start(self) -> None:
        """Begin to start."""
        self.settled, self.turns = STARTING, [(now() + start_takes(self.user_name), AVAILABLE)]

    def stop(self) -> None:
        """Begin to stop."""
        self.settled, self.turns = STOPPING, [(now() + STOP, STOPPED)]

    def keep(self, running_mode: str, auto_stop_min: int) -> None:
        """Take on a running mode. What was to stop by itself later no longer does, or does after the new time."""
        self.workspace_properties["RunningMode"] = running_mode
        self.set_auto_stop(auto_stop_min)
        if self.state == AVAILABLE:
            self._will_stop(now())

    def _will_stop(self, since: datetime) -> None:
        """Nobody is connected: an AutoStop desktop stops after its time."""
        idle = since + timedelta(minutes=self.auto_stop_min or HOUR_MIN)
        stops = self.running_mode == AUTO_STOP
        self.turns = [(idle, STOPPING), (idle + STOP, STOPPED)] if stops else []


def start_takes(user_name: str) -> timedelta:
    """How long the start of this user's desktop takes: 45 to 90 s."""
    least, most = START_S
    digest = hashlib.sha256(f"start/{user_name}".encode()).digest()
    return timedelta(seconds=least + int.from_bytes(digest[:4], "big") % (most - least + 1))
