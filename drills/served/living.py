"""The served cloud's time: the virtual clock kept in step with the machine's, as fast as was asked for.

Laws: within one turn of the loop time stands still; a cloud that cannot keep up runs late, and never skips an event.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.wiring.tempo import PacedLoop

if TYPE_CHECKING:
    from drills.simulator.clock import VirtualClock


class LivingLoop(PacedLoop):
    """An event loop on which `clock` moves by itself, `speed` seconds for each of the machine's."""

    def __init__(self, clock: VirtualClock, speed: float) -> None:
        self._clock, self._before_s = clock, clock.elapsed_s
        super().__init__(speed, self._catch_up)

    def time(self) -> float:
        """Simulated seconds since the clock's start."""
        return self._clock.elapsed_s

    def _catch_up(self) -> None:
        due_s = self._before_s + super().time()
        if due_s > self._clock.elapsed_s:
            self._clock.advance(due_s - self._clock.elapsed_s)
