"""What can be known in five seconds: of ourselves, of each Region, of what is running, of what to do.

Every question is asked at once and given the same few seconds; one that is not answered is *unknown*, with the reason.
"""

from __future__ import annotations

import asyncio
import shlex
from typing import TYPE_CHECKING, Any

from orchestrator.actions.catalogue import Catalogue
from orchestrator.model.actions import Call
from orchestrator.model.clock import SystemClock, moment, stamp
from orchestrator.model.durations import show_duration
from orchestrator.model.errors import FailoverError
from orchestrator.model.parameters import BadParameters, bind
from orchestrator.model.states import Mode
from orchestrator.report.change import show
from orchestrator.wiring.clouds import NoSnapshot, open_cloud
from orchestrator.wiring.gone import is_gone
from orchestrator.wiring.history import past_of
from orchestrator.wiring.orders import Order, check, prepare
from orchestrator.wiring.waiting import to_type, waits_for

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from orchestrator.model.inventory import Environment
    from orchestrator.model.values import Json
    from orchestrator.wiring.clouds import World
    from orchestrator.wiring.history import Past
    from orchestrator.wiring.home import Home

ANSWER_WITHIN_S = 4.0
"""Of the machine's five seconds, what questions to the cloud may take."""


def look_around(home: Home, *, cloud: str, seed: int, runbook: str, config: Path | None = None) -> Json:
    """Everything that `now` tells. A missing or broken snapshot, journal or state folder is told, never raised.

    Raises:
        InvalidInput: no such cloud, or no such kind of journal.
    """
    at = SystemClock().now()
    past = past_of(home, now=at)
    told: dict[str, Json] = {
        "at": stamp(at),
        "cloud": {"name": cloud, "simulated": ""},
        "can_act": [*_journal(home, past), _last_passed(past, runbook)],
        "regions": [],
        "running": _running(past, home.options),
        "suggested": {"facts": [_fact("runbook", runbook)], "commands": [f"failover plan {runbook}{home.options}"]},
    }
    try:
        with open_cloud(cloud, seed=seed, home=home, config=config) as world:
            told["cloud"]["simulated"] = world.simulated
            _look(
                told,
                world,
                runbook,
                options=_to_say(cloud, config) + home.options,
            )
    except NoSnapshot as why:
        told["suggested"]["commands"] = [f"failover plan {runbook} --simulate{home.options}"]
        told["can_act"].append(_fact("inventory", f"unknown: {why.what} ({why.remedy})"))
    return told


def _to_say(cloud: str, config: Path | None) -> str:
    """The options by which a command asks the same cloud."""
    named = "" if cloud == "aws" else f" --cloud {shlex.quote(cloud)}"
    return named if config is None else f"{named} --config {shlex.quote(str(config))}"


def _fact(what: str, answer: str) -> Json:
    return {"what": what, "answer": answer}


def _look(told: dict[str, Json], world: World, runbook: str, *, options: str) -> None:
    taken = moment(world.inventory.taken_at)
    age = show_duration(max((world.clock.now() - taken).total_seconds(), 0))
    told["can_act"].append(_fact("inventory", f"snapshot of {stamp(taken)}, {age} old, {world.inventory.continuity}"))
    told["can_act"] += world.run(lambda: _identity(world))
    told["regions"] = world.run(lambda: _regions(world))
    suggested = told["suggested"]
    for mode in Mode:
        suggested["facts"].append(_fact(f"forecast {mode}", _forecast(world, runbook, mode)))
    suggested["commands"] = [
        f"failover plan {runbook}{options} --lost {world.inventory.primary.region}",
        f"failover execute {runbook}{options} --mode unplanned --reason '…'",
    ]


def _forecast(world: World, runbook: str, mode: Mode) -> str:
    catalogue = Catalogue()
    try:
        plan = prepare(check(Order(runbook, mode), catalogue), world, catalogue=catalogue).plan
    except FailoverError as why:
        return f"unknown: {why.what}"
    doors = [f"{step.key}: {step.one_way}" for step in plan.steps if step.one_way]
    gates = [step.key for step in plan.steps if step.kind == "gate"]
    told = f"{show_duration(plan.forecast_s)}, {len(plan.steps)} steps"
    told += f"; asks at {', '.join(gates)}" if gates else "; asks nobody"
    return told + (f"; one-way doors: {'; '.join(doors)}" if doors else "")


async def _identity(world: World) -> list[Json]:
    """Who we are, asked in the Region that will take the traffic."""
    region = world.inventory.standby.region
    call = Call("sts", "GetCallerIdentity", region)

    def ask() -> str:
        client = world.hands((call,)).client("sts", region)
        return str(client.get_caller_identity()["Arn"])

    return [_fact("identity", await _answer(world, lambda: world.calls.run(ask)))]


async def _regions(world: World) -> list[Json]:
    sides = (world.inventory.primary, world.inventory.standby)
    facts = await asyncio.gather(*(_side(world, side) for side in sides))
    return [
        {"role": side.role, "region": side.region, "facts": found} for side, found in zip(sides, facts, strict=True)
    ]


async def _side(world: World, side: Environment) -> list[Json]:
    region = side.region
    answered = {"region": region, "percent_at_least": 0, "window": "5m", "calls_at_least": 1}
    flag = {"region": region, "table": side.flags_table, "flag": "emergency-greeting", "value": "on"}
    asked: dict[str, Callable[[], Awaitable[str]]] = {
        "answers": lambda: _probed(world, "service.answers", {"region": region}),
        "calls, last 5m": lambda: _probed(world, "service.calls_answered", answered),
        "traffic points": lambda: traffic(world, side),
        "emergency greeting": lambda: _observed(world, "ivr.flag", flag),
    }
    answers = await asyncio.gather(*(_answer(world, question) for question in asked.values()))
    return [_fact(what, answer) for what, answer in zip(asked, answers, strict=True)]


async def traffic(world: World, side: Environment) -> str:
    """By what moves calls: a traffic distribution group, else a Voice Connector group."""
    if side.telephony.group_id and not side.connect.traffic_group_arn:
        led = {"group": side.telephony.group_id, "connector": side.telephony.voice_connector_id}
        return await _probed(world, "telephony.leads_to", {**led, "region": side.region})
    shared = {"group": side.connect.traffic_group_arn, "region": side.region, "percent": 0}
    return await _observed(world, "connect.shift_traffic", shared)


async def _probed(world: World, name: str, given: Json) -> str:
    action, params = _bound(world, name, given)
    finding = await world.calls.run(lambda: action.probe(params))
    return str(finding.what)


async def _observed(world: World, name: str, given: Json) -> str:
    action, params = _bound(world, name, given)
    return show(await world.calls.run(lambda: action.observe(params)))


def _bound(world: World, name: str, given: Json) -> tuple[Any, Any]:
    kind = Catalogue()[name]
    params: Any = bind(kind.Params, given)
    return kind(world.hands(kind.calls(params))), params


async def _answer(world: World, question: Callable[[], Awaitable[str]]) -> str:
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S * world.clock.speed):
            return await question()
    except TimeoutError:
        return f"unknown: no answer within {show_duration(ANSWER_WITHIN_S)}"
    except FailoverError as why:
        return f"unknown: {why.what}"
    except BadParameters as why:  # the inventory lacks what the question needs
        return f"unknown: {why}"


def _journal(home: Home, past: Past) -> list[Json]:
    if past.trouble:
        return [_fact("journal", f"unknown: {past.trouble}")]
    count = len(past.records) + len(past.broken)
    held = f"{count} execution{'' if count == 1 else 's'}" if count else "nothing recorded yet"
    broken = [_fact(f"execution {key}", f"unknown: {why}") for key, why in past.broken.items()]
    return [_fact("journal", f"{home.journal_url}: {held}"), *broken]


def _last_passed(past: Past, runbook: str) -> Json:
    for record in past.records:
        created, verdict = record.created, record.verdict
        if created and created.runbook == runbook and created.scenario and verdict and verdict["verdict"] == "passed":
            return _fact("last passed drill", f"{created.scenario}, seed {created.seed} ({record.execution})")
    none = "none on record here; run `failover drill run region-outage`"
    return _fact("last passed drill", f"unknown: {'the journal cannot be read' if past.trouble else none}")


def _running(past: Past, options: str) -> list[Json] | None:
    """What has not ended, or None where nobody can tell."""
    if past.trouble:
        return None
    going = [
        {
            "execution": record.execution,
            "runbook": record.created.runbook if record.created else "unknown",
            "state": record.state.value,
            "holder": past.holders.get(record.execution, "nobody"),
            "waits_for": waits_for(record, past.holders.get(record.execution)),
            "commands": to_type(record, past.holders.get(record.execution), options),
        }
        for record in past.records
        if not record.ended and not is_gone(record, past.holders.get(record.execution))
    ]
    unknown = {"runbook": "unknown", "state": "unknown", "waits_for": "unknown", "commands": []}
    return going + [{"execution": key, **unknown, "holder": past.holders.get(key, "nobody")} for key in past.broken]
