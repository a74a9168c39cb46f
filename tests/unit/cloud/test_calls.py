"""Blocking calls in threads: their results, their errors, and what a cancel may and may not do."""

from __future__ import annotations

import asyncio
import threading

import pytest

from orchestrator.cloud.calls import ThreadCalls
from orchestrator.model.errors import Refused


class Write:
    """Blocking work that begins, waits for leave, and lands."""

    def __init__(self) -> None:
        self.begun, self.leave, self.landed = threading.Event(), threading.Event(), False

    def __call__(self) -> str:
        self.begun.set()
        assert self.leave.wait(20), "nobody gave leave"
        self.landed = True
        return "landed"


async def begun(write: Write) -> None:
    await asyncio.to_thread(write.begun.wait, 20)


def test_the_result_and_the_error_of_the_work_come_back() -> None:
    async def scenario() -> None:
        calls = ThreadCalls(2)
        assert await calls.run(lambda: 21 * 2) == 42

        def refuse() -> None:
            raise Refused("no", rule="law 3")

        with pytest.raises(Refused, match="no"):
            await calls.run(refuse)
        calls.close()

    asyncio.run(scenario())


def test_work_runs_beside_the_event_loop_and_beside_other_work() -> None:
    async def scenario() -> None:
        calls = ThreadCalls(2)
        meeting = threading.Barrier(2, timeout=20)  # passes only if both are running at once
        await asyncio.gather(calls.run(meeting.wait), calls.run(meeting.wait))
        calls.close()

    asyncio.run(scenario())


def test_a_cancel_reaches_the_caller_only_after_the_running_write_has_landed() -> None:
    async def scenario() -> None:
        calls, write = ThreadCalls(1), Write()
        task = asyncio.create_task(calls.run(write))
        await begun(write)
        for _ in range(3):  # impatience changes nothing
            task.cancel()
            await asyncio.sleep(0)
        assert not task.done()
        write.leave.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert write.landed
        calls.close()

    asyncio.run(scenario())


def test_a_write_that_fails_after_the_cancel_is_not_reported_as_forgotten() -> None:
    async def scenario() -> list[object]:
        complaints: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context))
        calls, write = ThreadCalls(1), Write()

        def fail() -> None:
            write()
            raise Refused("too late", rule="law 7")

        task = asyncio.create_task(calls.run(fail))
        await begun(write)
        task.cancel()
        await asyncio.sleep(0)
        write.leave.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        calls.close()
        return complaints

    assert asyncio.run(scenario()) == []


def test_work_still_in_line_is_dropped_by_a_cancel_and_never_begins() -> None:
    async def scenario() -> None:
        calls, first, second = ThreadCalls(1), Write(), Write()
        running = asyncio.create_task(calls.run(first))
        await begun(first)
        waiting = asyncio.create_task(calls.run(second))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        first.leave.set()
        assert await running == "landed"
        calls.close()
        assert not second.begun.is_set()

    asyncio.run(scenario())


def test_closing_waits_for_what_runs() -> None:
    async def scenario() -> None:
        calls, write = ThreadCalls(1), Write()
        task = asyncio.create_task(calls.run(write))
        await begun(write)
        closing = asyncio.create_task(asyncio.to_thread(calls.close))
        await asyncio.sleep(0)
        assert not write.landed
        write.leave.set()
        await closing
        assert write.landed
        assert await task == "landed"

    asyncio.run(scenario())
