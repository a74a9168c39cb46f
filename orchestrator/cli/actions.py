"""`failover actions [NAME]`: what a runbook's steps can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.cli.command import Command
from orchestrator.cli.output import paragraph, print_json, table, width, wrapped
from orchestrator.model.errors import ExitCode, InvalidInput

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from orchestrator.model.actions import Action
    from orchestrator.model.values import Json


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="NAME", help="one action, with its parameters")


def _run(args: Namespace) -> ExitCode:
    from orchestrator.actions.catalogue import Catalogue  # noqa: PLC0415 - start-up

    catalogue = Catalogue()
    if args.name is None:
        if args.json:
            print_json([_told(catalogue[name]) for name in catalogue])
        else:
            table(("action", "kind", "what it does"), [(n, catalogue[n].kind, catalogue[n].summary) for n in catalogue])
        return ExitCode.DONE
    if args.name not in catalogue:
        raise InvalidInput(f"no action {args.name}", remedy="see `failover actions`")
    told = _told(catalogue[args.name])
    if args.json:
        print_json(told)
    else:
        _show(told, catalogue[args.name].__doc__ or "")
    return ExitCode.DONE


def _told(action: type[Action[Json]]) -> Json:
    from orchestrator.model.parameters import describe  # noqa: PLC0415 - start-up

    return {
        "name": action.name,
        "kind": action.kind.value,
        "summary": action.summary,
        "deadline_s": action.deadline_s,
        "one_way": action.one_way or None,
        "parameters": [
            {"name": field.name, "type": field.type_name, "required": field.required, "default": field.default,
             "help": field.help}
            for field in describe(action.Params)
        ],
    }  # fmt: skip


def _show(told: Json, doc: str) -> None:
    paragraph(f"{told['name']} ({told['kind']}): {told['summary']}")
    print()
    for part in doc.split("\n\n"):
        print("\n".join(wrapped(" ".join(part.split()), width())) + "\n")
    rows = [
        (
            field["name"],
            field["type"],
            "required" if field["required"] else f"default {field['default']!r}",
            field["help"],
        )
        for field in told["parameters"]
    ]
    table(("parameter", "type", "", "meaning"), rows)
    if told["one_way"]:
        print()
        paragraph(f"one-way door: {told['one_way']}")


COMMANDS = {"actions": Command("List actions, or show one with its parameters.", _arguments, _run)}
