"""Virtual time: an event loop that jumps to the next timer instead of waiting for it. Simulated, never for real AWS.

Laws: one thread; nothing moves time but a timer, or code that pauses while no loop runs; a write under way settles
before its caller hears of a cancellation; equal programs see equal times.

Blocking code (boto3, moto) runs unchanged in a greenlet: when it pauses, the greenlet hands the seconds to the task
that drives it, and that task awaits them.
"""

from __future__ import annotations

import asyncio
import contextvars
import selectors
import signal
import sys
import threading
import time
import weakref
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, cast
from unittest.mock import patch

import time_machine
from greenlet import getcurrent, greenlet

from orchestrator.model.errors import FailoverError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

T = TypeVar("T")

# Threads other than the simulation's (a screen that refreshes) keep the machine's sleep.
_MACHINE_SLEEP = time.sleep  # noqa: TID251 - what is patched has to be kept somewhere
_RAISES = signal.default_int_handler

# What a power cut left behind. Dropping it would run its `finally` clauses, and a dead process runs none.
_ABANDONED: list[object] = []


class NothingLeftToHappen(FailoverError):
    """Every task waits, and no timer is set that could wake one. `waiting` names the tasks, oldest first."""

    def __init__(self, at: datetime, waiting: tuple[str, ...]) -> None:
        super().__init__(
            f"virtual time stands at {at.isoformat()}: no timer is set, and {', '.join(waiting) or 'no task'} waits",
            remedy="find what should have woken them",
        )
        self.at, self.waiting = at, waiting


class BlocksTheLoop(FailoverError):
    """Blocking code was called on the event loop itself, where a pause would stop everybody."""


class PowerCut(SystemExit):
    """Raised anywhere in a virtual run, ends it as a SIGKILL would: no other task runs again, not even to clean up."""


class _Worker(greenlet):
    """The greenlet of one blocking call; its parent is the task that drives it."""


class VirtualClock:
    """Simulated time, UTC. Starts at `start` and never goes back."""

    kind = "simulated"
    speed = 1.0

    def __init__(self, start: datetime) -> None:
        self.start = start.astimezone(UTC)
        self._elapsed_s = 0.0
        self._lock = threading.Lock()
        self._traveller: time_machine.Traveller | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start."""
        return self._elapsed_s

    def now(self) -> datetime:
        """The simulated present."""
        return self.start + timedelta(seconds=self._elapsed_s)

    def pause(self, seconds: float) -> None:
        """Wait in blocking code: in a greenlet its task awaits; with no loop running, time simply passes.

        Raises:
            BlocksTheLoop: called from the event loop itself.
        """
        if seconds <= 0:
            return
        worker = getcurrent()
        if isinstance(worker, _Worker):
            cast("greenlet", worker.parent).switch(seconds)
        elif self._loop is not None:
            raise BlocksTheLoop(
                f"a pause of {seconds:g} s would stop the event loop", remedy="make the call through calls.run"
            )
        else:
            self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Let time pass. For the loop, and for code that runs before it."""
        with self._lock:
            self._elapsed_s += seconds
            if self._traveller is not None:
                self._traveller.move_to(self.now())

    @contextmanager
    def travelling(self) -> Iterator[None]:
        """Make `time.time`, `datetime.now` and `time.sleep` of this process follow the clock. May be nested."""
        if self._traveller is not None:
            yield
            return
        owner = threading.get_ident()

        def sleep(seconds: float) -> None:
            (self.pause if threading.get_ident() == owner else _MACHINE_SLEEP)(seconds)

        with time_machine.travel(self.now(), tick=False) as traveller, patch("time.sleep", sleep):
            self._traveller = traveller
            try:
                yield
            finally:
                self._traveller = None

    @contextmanager
    def driven_by(self, loop: asyncio.AbstractEventLoop) -> Iterator[None]:
        """While it lasts, only `loop` may move this clock."""
        self._loop = loop
        try:
            yield
        finally:
            self._loop = None


class _JumpingSelector(selectors.DefaultSelector):
    """Looks for input without waiting, and jumps over the time it would have waited."""

    def __init__(self, loop: VirtualLoop, clock: VirtualClock) -> None:
        super().__init__()
        self._owner, self._clock = weakref.ref(loop), clock

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        loop = self._owner()
        if loop is not None and loop.interrupted:
            raise KeyboardInterrupt  # the first one was lost, as where a destructor was running
        if ready or timeout == 0:
            return ready
        if timeout is None:
            waiting = loop.living() if loop is not None else []
            raise NothingLeftToHappen(self._clock.now(), tuple(task.get_name() for task in waiting))
        self._clock.advance(timeout)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop on a virtual clock. Remembers the order in which tasks were born: sets of tasks have none."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self._born: weakref.WeakKeyDictionary[asyncio.Future[Any], int] = weakref.WeakKeyDictionary()
        self._births = 0
        self.interrupted = False
        super().__init__(_JumpingSelector(self, clock))
        self.set_task_factory(self._bear)

    def time(self) -> float:
        """Simulated seconds since the clock's start."""
        return self.clock.elapsed_s

    def run_in_executor(self, *_args: object) -> NoReturn:
        """Refused: a thread's work takes no virtual time and comes back whenever it likes.

        Raises:
            BlocksTheLoop: always.
        """
        raise BlocksTheLoop("threads are not simulated", remedy="make the call through calls.run")

    def _bear(self, loop: asyncio.AbstractEventLoop, coro: Any, **options: Any) -> asyncio.Task[Any]:
        self._births += 1
        # The name comes from here, not from the process's counter: equal runs in one process print equal names.
        task: asyncio.Task[Any] = asyncio.Task(coro, loop=loop, **{"name": f"task {self._births}", **options})
        self._born[task] = self._births
        return task

    def living(self) -> list[asyncio.Task[Any]]:
        """The tasks that have not ended, oldest first."""
        return sorted(asyncio.all_tasks(self), key=lambda task: self._born.get(task, 0))

    def finish(self) -> None:
        """Cancel what is left, let it settle, and close; errors on the way go to the exception handler."""
        left = self.living()
        for task in left:
            task.cancel()
        self.run_until_complete(asyncio.gather(*left, return_exceptions=True) if left else asyncio.sleep(0))
        for task in left:
            if not task.cancelled() and (error := task.exception()) is not None:
                self.call_exception_handler({"message": "a cancelled task failed", "exception": error, "task": task})
        self.run_until_complete(self.shutdown_asyncgens())
        self.close()

    def abandon(self) -> None:
        """Leave everything where it stands, for ever."""
        for task in self.living():
            vars_of_task = cast("Any", task)
            vars_of_task._log_destroy_pending = False  # noqa: SLF001 - it is pending on purpose
            _ABANDONED.append(task)
        self.close()


async def _await_seconds(seconds: float) -> asyncio.CancelledError | None:
    """Wait the whole time; a cancellation meanwhile is handed back for later."""
    loop, cancelled = asyncio.get_running_loop(), None
    due = loop.time() + seconds
    while (rest := due - loop.time()) > 0:
        try:
            await asyncio.sleep(rest)
        except asyncio.CancelledError as cancellation:
            cancelled = cancellation
    return cancelled


class GreenletCalls:
    """Runs blocking calls on virtual time: many at once, one thread, always in the same order."""

    async def run(self, work: Callable[[], T]) -> T:
        """The result of `work`, which may pause and sleep.

        A cancelled caller gets its CancelledError only when `work` has ended: a request under way cannot be unsent.
        """
        worker = _Worker(work)
        worker.gr_context = contextvars.copy_context()
        cancelled: asyncio.CancelledError | None = None
        try:
            outcome = worker.switch()
            while not worker.dead:
                cancelled = await _await_seconds(outcome) or cancelled
                outcome = worker.switch()
        finally:
            if cancelled is not None:
                raise cancelled
        return cast("T", outcome)


@contextmanager
def _heard(loop: VirtualLoop) -> Iterator[None]:
    """Let no Ctrl-C be lost: Python drops what is raised while a destructor or a weak reference's callback runs."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGINT) is not _RAISES:
        yield
        return

    told = sys.unraisablehook

    def interrupt(*_: object) -> NoReturn:
        loop.interrupted = True
        raise KeyboardInterrupt

    def unraisable(what: sys.UnraisableHookArgs) -> None:
        if what.exc_type is not KeyboardInterrupt:  # which the loop raises again, see _JumpingSelector
            told(what)

    signal.signal(signal.SIGINT, interrupt)
    sys.unraisablehook = unraisable
    try:
        yield
    finally:
        sys.unraisablehook = told
        signal.signal(signal.SIGINT, _RAISES)


def run_virtual(main: Callable[[], Coroutine[Any, Any, T]], clock: VirtualClock) -> T:
    """Run `main()` to its end on virtual time; tasks left over are cancelled and settle. Time goes on from run to run.

    Raises:
        NothingLeftToHappen: every task waits for something that cannot come.
        PowerCut: raised inside; what was under way is abandoned (KeyboardInterrupt and SystemExit likewise).
    """
    loop = VirtualLoop(clock)
    with clock.travelling(), clock.driven_by(loop), _heard(loop):
        try:
            result = loop.run_until_complete(main())
        except (KeyboardInterrupt, SystemExit):
            loop.abandon()
            raise
        except BaseException:
            loop.finish()
            raise
        loop.finish()
    return result
