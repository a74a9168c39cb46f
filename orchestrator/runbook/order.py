"""Which step needs which: circles by their shortest loop, and whether one step surely runs after another.

Plain walks over the names in `needs`; the plan's own graph, with items and durations, is the engine's.
"""

from __future__ import annotations

from collections import deque
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping


class Order:
    """The needs among known steps. `needs` maps each step to what it waits for; names not in it are left out.

    `doubtful` are steps whose needs could not be read, so that they may come after any other.
    """

    def __init__(self, needs: Mapping[str, tuple[str, ...]], doubtful: Collection[str] = ()) -> None:
        self.doubtful = frozenset(doubtful)
        self.needs = {step: tuple(need for need in wanted if need in needs) for step, wanted in needs.items()}
        self._before: dict[str, frozenset[str]] = {}

    def before(self, step: str) -> frozenset[str]:
        """All steps that are settled before `step` starts: what it needs, and what these need."""
        if step not in self._before:
            seen: set[str] = set()
            queue = deque(self.needs[step])
            while queue:
                need = queue.popleft()
                if need not in seen:
                    seen.add(need)
                    queue.extend(self.needs[need])
            self._before[step] = frozenset(seen)
        return self._before[step]

    def unsure(self, step: str) -> bool:
        """Whether a step may come after others than `before` tells."""
        return bool(self.doubtful) and not self.doubtful.isdisjoint({step, *self.before(step)})

    def ordered(self, one: str, other: str) -> bool:
        """Whether one of two steps runs after the other, or may do so for all that can be read."""
        return one in self.before(other) or other in self.before(one) or self.unsure(one) or self.unsure(other)

    def loops(self) -> Iterator[tuple[str, ...]]:
        """The shortest loop, then the shortest that shares no step with it, and so on; each step once."""
        left = self._in_circles
        while left:
            found = min((loop for step in left if (loop := self._loop(step, left))), key=len, default=())
            if not found:
                return
            yield found
            left = [step for step in left if step not in found]

    @cached_property
    def _in_circles(self) -> list[str]:
        """The steps that no order can hold, by taking away again and again those that wait for nothing left."""
        waiting = {step: len(set(wanted)) for step, wanted in self.needs.items()}
        wanted_by: dict[str, set[str]] = {step: set() for step in self.needs}
        for step, wanted in self.needs.items():
            for need in wanted:
                wanted_by[need].add(step)
        free = deque(step for step, count in waiting.items() if count == 0)
        while free:
            for step in wanted_by[free.popleft()]:
                waiting[step] -= 1
                if waiting[step] == 0:
                    free.append(step)
        return [step for step, count in waiting.items() if count]

    def _loop(self, start: str, among: list[str]) -> tuple[str, ...]:
        """The shortest way from `start` along its needs back to itself, or nothing."""
        allowed = set(among)
        came_from: dict[str, str] = {}
        queue = deque([start])
        while queue:
            step = queue.popleft()
            for need in self.needs[step]:
                if need == start:
                    way = [step]
                    while way[-1] != start:
                        way.append(came_from[way[-1]])
                    return tuple(reversed(way))
                if need in allowed and need not in came_from:
                    came_from[need] = step
                    queue.append(need)
        return ()
