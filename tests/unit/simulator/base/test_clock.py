from __future__ import annotations

import asyncio
import gc
import signal
import time
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

import pytest

from drills.simulator.clock import (
    BlocksTheLoop,
    GreenletCalls,
    NothingLeftToHappen,
    PowerCut,
    VirtualClock,
    run_virtual,
)

START = datetime(2026, 1, 15, 3, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


def test_an_hour_of_waiting_passes_at_once_and_to_the_second(clock: VirtualClock) -> None:
    began = time.perf_counter()

    async def main() -> datetime:
        await asyncio.sleep(3600)
        return clock.now()

    assert run_virtual(main, clock) == START + timedelta(hours=1)
    assert time.perf_counter() - began < 60


def test_a_second_run_begins_where_the_first_one_ended(clock: VirtualClock) -> None:
    async def main() -> None:
        await asyncio.sleep(40)

    run_virtual(main, clock)
    run_virtual(main, clock)
    assert clock.now() == START + timedelta(seconds=80)


def test_blocking_calls_wait_side_by_side_and_end_in_the_order_of_their_waits(clock: VirtualClock) -> None:
    calls, ended = GreenletCalls(), list[tuple[int, float]]()

    def work(seconds: int) -> int:
        clock.pause(seconds)
        clock.pause(seconds)
        ended.append((seconds, clock.elapsed_s))
        return seconds

    async def main() -> list[int]:
        return await asyncio.gather(*(calls.run(lambda s=s: work(s)) for s in (3, 1, 2)))

    assert run_virtual(main, clock) == [3, 1, 2]
    assert ended == [(1, 2.0), (2, 4.0), (3, 6.0)]


def test_the_wall_clock_and_time_sleep_follow_the_virtual_clock(clock: VirtualClock) -> None:
    def work() -> tuple[float, datetime]:
        time.sleep(90)  # noqa: TID251 - what botocore and moto do
        return time.time(), datetime.now(UTC)  # noqa: TID251 - what botocore and moto do

    async def main() -> tuple[float, datetime]:
        return await GreenletCalls().run(work)

    later = START + timedelta(seconds=90)
    assert run_virtual(main, clock) == (later.timestamp(), later)
    assert abs(datetime.now(UTC) - later) > timedelta(days=1)  # noqa: TID251 - the machine's clock is back


def test_outside_of_a_run_a_pause_lets_time_pass(clock: VirtualClock) -> None:
    clock.pause(5)
    clock.pause(-1)
    assert clock.now() == START + timedelta(seconds=5)


def test_a_pause_on_the_event_loop_itself_is_refused(clock: VirtualClock) -> None:
    async def main() -> None:
        clock.pause(1)

    with pytest.raises(BlocksTheLoop, match="stop the event loop"):
        run_virtual(main, clock)


def test_a_thread_under_the_virtual_loop_is_refused(clock: VirtualClock) -> None:
    async def main() -> None:
        await asyncio.to_thread(int)

    with pytest.raises(BlocksTheLoop, match="threads"):
        run_virtual(main, clock)


def test_a_run_in_which_nothing_can_happen_any_more_ends_with_the_names_of_who_waits(clock: VirtualClock) -> None:
    async def main() -> None:
        stuck = asyncio.create_task(asyncio.Event().wait(), name="the caller who hangs on")
        await asyncio.sleep(3)
        await stuck

    with pytest.raises(NothingLeftToHappen) as caught:
        run_virtual(main, clock)
    assert caught.value.waiting == ("task 1", "the caller who hangs on")
    assert caught.value.at == START + timedelta(seconds=3)


def test_an_error_of_blocking_work_reaches_its_caller(clock: VirtualClock) -> None:
    def work() -> None:
        clock.pause(1)
        raise LookupError("nobody home")

    async def main() -> None:
        await GreenletCalls().run(work)

    with pytest.raises(LookupError, match="nobody home"):
        run_virtual(main, clock)


def test_blocking_work_sees_the_context_of_its_caller(clock: VirtualClock) -> None:
    who: ContextVar[str] = ContextVar("who")

    async def main() -> str:
        who.set("step 7")
        return await GreenletCalls().run(who.get)

    assert run_virtual(main, clock) == "step 7"


def test_a_cancelled_caller_hears_of_it_only_when_the_write_under_way_has_settled(clock: VirtualClock) -> None:
    written, heard = list[float](), list[float]()

    def write() -> None:
        clock.pause(10)
        written.append(clock.elapsed_s)

    async def step() -> None:
        try:
            await GreenletCalls().run(write)
        except asyncio.CancelledError:
            heard.append(clock.elapsed_s)
            raise

    async def main() -> None:
        task = asyncio.create_task(step())
        for _ in range(2):  # impatience does not help
            await asyncio.sleep(1)
            task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run_virtual(main, clock)
    assert written == heard == [10.0]


def test_a_deadline_on_a_call_fires_after_the_call_has_settled(clock: VirtualClock) -> None:
    async def main() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(4):
                await GreenletCalls().run(lambda: clock.pause(6))
        return clock.elapsed_s

    assert run_virtual(main, clock) == 6.0


def test_cancellation_wins_over_the_error_of_the_call_it_waited_for(clock: VirtualClock) -> None:
    def work() -> None:
        clock.pause(2)
        raise LookupError

    async def main() -> None:
        task = asyncio.create_task(GreenletCalls().run(work))
        await asyncio.sleep(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run_virtual(main, clock)
    assert clock.elapsed_s == 2.0


def test_what_is_left_over_at_the_end_is_cancelled_in_the_order_of_birth(clock: VirtualClock) -> None:
    heard = list[int]()

    async def background(number: int) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            heard.append(number)

    async def main() -> set[asyncio.Task[None]]:
        tasks = {asyncio.create_task(background(number)) for number in range(50)}
        await asyncio.sleep(1)
        return tasks

    run_virtual(main, clock)
    assert heard == list(range(50))


def test_a_write_left_over_at_the_end_settles(clock: VirtualClock) -> None:
    written = list[float]()

    def write() -> None:
        clock.pause(5)
        written.append(clock.elapsed_s)

    async def main() -> asyncio.Task[None]:
        task = asyncio.create_task(GreenletCalls().run(write))
        await asyncio.sleep(1)
        return task

    task = run_virtual(main, clock)
    assert written == [5.0]
    assert task.cancelled()


def test_after_a_power_cut_nobody_runs_again_not_even_to_clean_up(clock: VirtualClock) -> None:
    after = list[str]()

    def write() -> None:
        try:
            clock.pause(10)
        finally:
            after.append("blocking work")

    async def step() -> None:
        try:
            await GreenletCalls().run(write)
        finally:
            after.append("task")

    async def main() -> None:
        tasks = [asyncio.create_task(step())]
        await asyncio.sleep(1)
        tasks.append(asyncio.create_task(cut()))
        await asyncio.gather(*tasks)

    async def cut() -> None:
        raise PowerCut

    with pytest.raises(PowerCut):
        run_virtual(main, clock)
    gc.collect()

    async def restarted() -> None:
        await asyncio.sleep(60)

    run_virtual(restarted, clock)
    assert after == []
    assert clock.elapsed_s == 61.0


def test_an_interrupt_that_python_drops_ends_the_run_all_the_same(clock: VirtualClock) -> None:
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler

    class Dying:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGINT)

    async def main() -> None:
        dying = Dying()
        del dying
        await asyncio.sleep(60)

    with pytest.raises(KeyboardInterrupt):
        run_virtual(main, clock)
    assert clock.elapsed_s < 60
