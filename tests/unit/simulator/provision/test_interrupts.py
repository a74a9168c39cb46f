"""Ctrl-C while stacks are provisioned: the program is told, so that nobody waits for anybody."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from drills.simulator.provisioners.hosting import Unserved, _Errands


def interrupted() -> None:
    raise KeyboardInterrupt


def test_an_interrupt_fails_who_waits_and_is_raised_where_it_came() -> None:
    errands = _Errands()
    with ThreadPoolExecutor(1) as thread:
        client = thread.submit(errands.ask, interrupted)
        with pytest.raises(KeyboardInterrupt):
            errands.serve(client)
    assert isinstance(client.exception(), Unserved)


def test_who_asks_after_an_interrupt_is_not_kept_waiting() -> None:
    errands = _Errands()

    def program() -> str:
        with pytest.raises(Unserved):
            errands.ask(interrupted)
        with pytest.raises(Unserved):
            errands.ask(lambda: "too late")
        return "ended"

    with ThreadPoolExecutor(1) as thread:
        client = thread.submit(program)
        with pytest.raises(KeyboardInterrupt):
            errands.serve(client)
    assert client.result() == "ended"


def test_an_error_is_raised_where_the_work_was_asked_for() -> None:
    errands = _Errands()
    with ThreadPoolExecutor(1) as thread:
        client = thread.submit(errands.ask, lambda: 1 // 0)
        errands.serve(client)
    assert isinstance(client.exception(), ZeroDivisionError)
