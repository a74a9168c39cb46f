from __future__ import annotations

import asyncio
import os
from typing import Any

import pytest

from drills.simulator.clock import GreenletCalls
from drills.simulator.functions import Functions, contact_event
from drills.simulator.walks import FunctionFailed
from orchestrator.model.errors import NotSimulated

COUNTING = """
import time, os
times = []
def handler(event, context):
    times.append(time.time())
    count = len(times)
    time.sleep(float(os.environ.get("TAKES", "0.2")))
    return {"count": str(count), "asked": event["Details"]["Parameters"].get("who", "")}
"""


def functions(world: Any, function: Any) -> Functions:
    return Functions(
        GreenletCalls(), world.network, "123456789012", lambda arn: function if arn == function.arn else None
    )


def event(**parameters: str) -> Any:
    return contact_event(contact={"ContactId": "c"}, parameters=parameters)


def invoked(world: Any, function: Any, *, limit_s: int = 3, flat: bool = True) -> Any:
    runner = functions(world, function)

    async def main() -> Any:
        try:
            return await runner.invoke(function.arn, event(), limit_s=limit_s, flat=flat)
        finally:
            await runner.close()

    return world.run(main)


def refused(world: Any, function: Any, *, limit_s: int = 3, flat: bool = True) -> str:
    with pytest.raises(FunctionFailed) as caught:
        invoked(world, function, limit_s=limit_s, flat=flat)
    return caught.value.reason


def test_a_function_reads_its_own_environment_and_not_the_processs(kit: Any, world: Any) -> None:
    code = """
import os
from os import environ
import os.path
def handler(event, context):
    own = {"flag": os.getenv("FLAG"), "region": environ["AWS_REGION"], "path": str("PATH" in os.environ)}
    return {**own, "name": context.function_name}
"""
    assert "FLAG" not in os.environ
    assert invoked(world, kit.deployed(code, FLAG="on")) == {
        "flag": "on",
        "region": "us-east-1",
        "path": "False",
        "name": "flags",
    }
    assert "FLAG" not in os.environ


def test_a_function_may_import_the_other_modules_of_its_archive(kit: Any, world: Any) -> None:
    function = kit.deployed()
    archive = kit.zipped(flags="import answers\ndef handler(e, c): return answers.ALL", answers="ALL = {'a': 'b'}")
    object.__setattr__(function, "code", archive)
    assert invoked(world, function) == {"a": "b"}


def test_callers_of_the_same_second_share_an_invocation_and_later_ones_do_not(kit: Any, world: Any) -> None:
    function = kit.deployed(COUNTING)
    runner = functions(world, function)

    async def at(second: float, **parameters: str) -> Any:
        await asyncio.sleep(second)
        return (await runner.invoke(function.arn, event(**parameters), limit_s=3, flat=True))["count"]

    async def main() -> Any:
        return await asyncio.gather(at(0), at(0.1), at(0.9), at(1.1), at(1.2, who="other"))

    assert world.run(main) == ["1", "1", "1", "2", "3"]


def test_a_flow_waits_no_longer_than_its_limit_or_the_functions_own(kit: Any, world: Any) -> None:
    began = world.clock.elapsed_s
    assert "longer than 2 s" in refused(world, kit.deployed(COUNTING, TAKES="60"), limit_s=2)
    assert "longer than 1 s" in refused(world, kit.deployed(COUNTING, TAKES="60", timeout_s=1), limit_s=8)
    assert world.clock.elapsed_s - began >= 3


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("def handler(e, c): raise KeyError('x')", "KeyError"),
        ("def handler(e, c): return 'text'", "not an object"),
        ("def handler(e, c): return {'a': 1}", "flat object"),
        ("def handler(e, c): return {'a': 'x' * 40000}", "32768"),
        ("def handler(e, c): return {'a': object()}", "TypeError"),
        ("def other(e, c): return {}", "AttributeError"),
        ("this is no Python", "SyntaxError"),
        ("import a_module_that_nobody_has", "ModuleNotFoundError"),
    ],
)
def test_what_a_function_does_wrong_is_a_failed_function(kit: Any, world: Any, code: str, reason: str) -> None:
    assert reason in refused(world, kit.deployed(code))


def test_a_nested_answer_passes_where_the_flow_takes_json(kit: Any, world: Any) -> None:
    code = "def handler(e, c): return {'a': {'b': 1}}"
    assert invoked(world, kit.deployed(code), flat=False) == {"a": {"b": 1}}


def test_a_function_that_does_not_exist_or_whose_region_is_dead_fails(kit: Any, world: Any) -> None:
    function = kit.deployed(FLAG="on")
    runner = functions(world, function)

    async def main() -> None:
        with pytest.raises(FunctionFailed, match="no function"):
            await runner.invoke(function.arn + "x", event(), limit_s=3, flat=True)
        outage = world.kill("us-east-1")
        with pytest.raises(FunctionFailed, match="does not answer"):
            await runner.invoke(function.arn, event(), limit_s=3, flat=True)
        assert outage.hits["function"] == 1

    world.run(main)


def test_a_time_limit_outside_one_to_eight_seconds_is_an_error_as_on_aws(kit: Any, world: Any) -> None:
    assert "1 to 8" in refused(world, kit.deployed(FLAG="on"), limit_s=9)


@pytest.mark.parametrize(
    "code",
    [
        "import boto3\ndef handler(e, c): return boto3.resource('dynamodb')",
        "def handler(e, c): raise NotImplementedError('The x action has not been implemented')",
    ],
)
def test_what_is_not_simulated_in_a_function_is_told_and_never_a_failed_function(
    kit: Any, world: Any, code: str
) -> None:
    with pytest.raises(NotSimulated):
        invoked(world, kit.deployed(code))
