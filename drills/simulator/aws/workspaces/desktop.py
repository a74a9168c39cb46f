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
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from drills.simulator.aws.connect.mirror import now

CREATION = timedelta(minutes=20)
START_S = (45, 90)
STOP = timedelta(seconds=60)
HOUR_MIN = 60

AUTO_STOP, ALWAYS_ON, MANUAL = "AUTO_STOP", "ALWAYS_ON", "MANUAL"
PENDING, AVAILABLE, STARTING, STOPPING, STOPPED = "PENDING", "AVAILABLE", "STARTING", "STOPPING", "STOPPED"
MAY_BE_STOPPED = frozenset({AVAILABLE, "IMPAIRED", "UNHEALTHY", "ERROR"})
"""botocore, StopWorkspaces."""


@dataclass(slots=True)
class Desktop:
    """A desktop of one user. `turns` are the states to come, each with its moment (aware, UTC), in order."""

    id: str
    directory_id: str
    user_name: str
    bundle_id: str
    running_mode: str
    auto_stop_min: int
    """0 where the running mode has no such time."""
    tags: tuple[dict[str, str], ...] = ()
    settled: str = PENDING
    turns: list[tuple[datetime, str]] = field(default_factory=list)

    @property
    def state(self) -> str:
        """The state now."""
        present = now()
        while self.turns and self.turns[0][0] <= present:
            due, self.settled = self.turns.pop(0)
            if self.settled == AVAILABLE:
                self._will_stop(due)
        return self.settled

    def make(self, *, long_ago: bool) -> None:
        """Begin to be made; a desktop of long ago has been made already, and stopped where its mode says so."""
        if long_ago:
            self.settled = AVAILABLE if self.running_mode == ALWAYS_ON else STOPPED
        else:
            self.turns = [(now() + CREATION, AVAILABLE)]

    def start(self) -> None:
        """Begin to start."""
        self.settled, self.turns = STARTING, [(now() + self.start_takes, AVAILABLE)]

    def stop(self) -> None:
        """Begin to stop."""
        self.settled, self.turns = STOPPING, [(now() + STOP, STOPPED)]

    def keep(self, running_mode: str, auto_stop_min: int) -> None:
        """Take on a running mode. What was to stop by itself later no longer does, or does after the new time."""
        self.running_mode, self.auto_stop_min = running_mode, auto_stop_min
        if self.state == AVAILABLE:
            self._will_stop(now())

    @property
    def start_takes(self) -> timedelta:
        """How long this one's start takes: 45 to 90 s."""
        least, most = START_S
        digest = hashlib.sha256(f"start/{self.user_name}".encode()).digest()
        return timedelta(seconds=least + int.from_bytes(digest[:4], "big") % (most - least + 1))

    def _will_stop(self, since: datetime) -> None:
        """Nobody is connected: an AutoStop desktop stops after its time."""
        idle = since + timedelta(minutes=self.auto_stop_min)
        stops = self.running_mode == AUTO_STOP
        self.turns = [(idle, STOPPING), (idle + STOP, STOPPED)] if stops else []
