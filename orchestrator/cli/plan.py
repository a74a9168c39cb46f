"""`failover plan RUNBOOK`: what would happen, before anything does. Reads only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.cli.command import Command
from orchestrator.cli.ordering import add_order, cloud_of, order_of
from orchestrator.cli.output import paragraph, print_json, wrapped
from orchestrator.cli.output import width as columns
from orchestrator.model.durations import show_duration
from orchestrator.model.errors import ExitCode
from orchestrator.model.states import Mode

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from orchestrator.engine.foresee import Foreseen
    from orchestrator.model.actions import Call
    from orchestrator.model.values import Json
    from orchestrator.wiring.clouds import World
    from orchestrator.wiring.orders import Prepared


def _run(args: Namespace) -> ExitCode:
    from orchestrator.actions.catalogue import Catalogue  # noqa: PLC0415 - start-up
    from orchestrator.engine.foresee import foresee  # noqa: PLC0415 - start-up
    from orchestrator.wiring.clouds import open_cloud  # noqa: PLC0415 - start-up
    from orchestrator.wiring.history import measured_in  # noqa: PLC0415 - start-up
    from orchestrator.wiring.home import Home  # noqa: PLC0415 - start-up
    from orchestrator.wiring.orders import check, prepare  # noqa: PLC0415 - start-up

    home, catalogue = Home.of(args.home, args.journal), Catalogue()
    # A lost Region is what unplanned means; on a good day nothing is lost.
    mode = Mode(args.mode or (Mode.UNPLANNED if args.lost else Mode.PLANNED))
    order = order_of(args, mode)
    checked = check(order, catalogue)
    with open_cloud(cloud_of(args), seed=args.seed, home=home, config=args.config) as world:
        measured = measured_in(home, args.runbook, world.clock.kind)
        prepared = prepare(checked, world, catalogue=catalogue, measured=measured)
        seen = world.run(lambda: foresee(prepared.plan, calls=world.calls, catalogue=catalogue, hands=world.hands))
        told = _as_json(prepared, seen, world)
    if args.json:
        print_json(told)
    else:
        _show(told)
    return ExitCode.DONE


def _as_json(prepared: Prepared, seen: Sequence[Foreseen], world: World) -> Json:
    plan = prepared.plan
    critical = set(plan.critical_path)
    changes = {one.key: one for one in seen}
    steps: list[Json] = []
    for step in (*plan.steps, *plan.verification):
        calls, returning = plan.calls[step.key], plan.returns.get(step.key, ())
        change = changes.get(step.key)
        steps.append(
            {
                "step": step.key, "title": step.title, "action": step.action, "kind": step.kind,
                "needs": list(step.needs),
                "not_done": step.left_out(plan.mode) or None, "critical_path": step.key in critical,
                "expected_s": step.expected_s, "provenance": step.provenance, "deadline_s": step.deadline_s,
                "hold_s": 0.0 if step.last else step.hold_s, "one_way": step.one_way or None,
                "subject": step.subject or None,
                "before": change.before if change else None, "after": change.after if change else None,
                "unknown": (change.unknown if change else "") or None,
                "late": step.key in plan.late,
                "endpoints": [_endpoint(call, world) for call in dict.fromkeys((*calls, *returning))],
                "only_to_return": sorted({_endpoint(call, world)["host"] for call in returning}
                                         - {_endpoint(call, world)["host"] for call in calls}),
            }
        )  # fmt: skip
    ends = [each["endpoints"] for each in steps if not each["not_done"]]
    forth = {one["host"] for each in steps for one in each["endpoints"] if one["host"] not in each["only_to_return"]}
    return {
        "runbook": plan.runbook.id, "title": plan.runbook.title, "mode": plan.mode.value, "lost": prepared.lost or None,
        "lost_is_not_needed": True if prepared.lost else None, "simulated": world.simulated or None,
        "forecast_s": plan.forecast_s, "critical_path": list(plan.critical_path), "steps": steps,
        "endpoints": sorted({one["host"] for each in ends for one in each}),
        "only_to_return": sorted({host for each in steps for host in each["only_to_return"]} - forth),
        "not_simulated": sorted({
            f"{one['service']}:{one['operation']}"
            for each in ends for one in each if world.simulated and one["simulation"] in (None, "live only")
        }),
        "plan_sha256": plan.sha256,
    }  # fmt: skip


def _endpoint(call: Call, world: World) -> Json:
    from orchestrator.cloud import regions  # noqa: PLC0415 - start-up

    place = regions.endpoint(call)
    return {
        "service": call.service, "operation": call.operation, "write": call.write, "host": place.host,
        "home": place.home, "simulation": world.mark_of(call.service, call.operation) or None,
    }  # fmt: skip


def _show(told: Json) -> None:
    paragraph(f"{told['title']}  ({told['runbook']}, {told['mode']})")
    if told["simulated"]:
        _listed("SIMULATED", [told["simulated"]])
    if told["lost"]:
        held = "; a failing guard's return would, and is held back without it" if told["only_to_return"] else ""
        paragraph(f"lost: {told['lost']} — no step needs an endpoint or control plane that lives there{held}")
    paragraph(f"forecast: {show_duration(told['forecast_s'])} along {' → '.join(told['critical_path'])} (marked *)")
    print()
    for place, step in enumerate(told["steps"], 1):
        _show_step(place, step)
    print()
    back = dict.fromkeys(told["only_to_return"], " (only if a failing guard returns the series)")
    _listed("endpoints", [host + back.get(host, "") for host in told["endpoints"]])
    _listed("one-way doors", [f"{s['step']}: {s['one_way']}" for s in told["steps"] if s["one_way"]] or ["none"])
    if told["simulated"]:
        _listed("not simulated", told["not_simulated"] or ["nothing: every call has rules in the simulator"])


def _show_step(place: int, step: Json) -> None:
    mark = "*" if step["critical_path"] else " "
    needs = f", after {', '.join(step['needs'])}" if step["needs"] else ""
    took = f"{show_duration(step['expected_s'])} {step['provenance']}"
    hold = f", hold {show_duration(step['hold_s'])}" if step["hold_s"] else ""
    first, *more = wrapped(f"{step['step']} [{step['action']}] {took}{hold}{needs}", columns() - INDENT)
    print(f"{place:>3}{mark} {first}".rstrip())
    for line in more:
        print(" " * INDENT + line)
    if step["not_done"]:
        _indented(f"not done: {step['not_done']}")
    elif step["unknown"]:
        _indented(f"before unknown: {step['unknown']}")
    elif step["subject"]:
        _change(step)
    if step["late"] and not (step["not_done"] or step["unknown"]):
        _indented("some of its parameters, or of its guard's, are known at run time only")


def _change(step: Json) -> None:
    from orchestrator.report.change import change_text  # noqa: PLC0415 - start-up

    same = step["before"] == step["after"]
    _indented("already so" if same else change_text(step["before"], step["after"]))


def _indented(text: str) -> None:
    for line in wrapped(text, columns() - INDENT):
        print(" " * INDENT + line)


def _listed(name: str, values: list[str]) -> None:
    paragraph(f"{name}: {', '.join(values)}")


INDENT = 5
COMMANDS = {"plan": Command("Foresee a runbook; reads only.", add_order, _run, reads_cloud=True)}
