"""Sizes, names, docstrings, and where time and chance may come from. Every exception says why, and must be needed."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
FILES = sorted(path for room in ("orchestrator", "drills", "stacks") for path in (ROOT / room).rglob("*.py"))

LINES_A_FILE = 300
LONG_FILES = {
    "orchestrator/cloud/door.py": (330, "the door, the hands and the clients behind it share their private table"),
    "orchestrator/model/events.py": (330, "the vocabulary is read as one list"),
    "orchestrator/model/inference.py": (320, "one rule for each node of JMESPath's syntax"),
}
"""File → lines that it may have, and why it is longer than others."""

LINES_A_FUNCTION = 40
LONG_FUNCTIONS = {
    "drills/simulator/sockets.py:only_loopback": "the guards of five socket functions close over one list",
    "orchestrator/model/inference.py:shape": "one branch for each node of JMESPath's syntax",
}

WORLDLY = {
    "time.sleep", "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "uuid.uuid1", "uuid.uuid4",
    "boto3.client", "boto3.resource", "boto3.Session", "asyncio.to_thread",
}  # fmt: skip
"""Where time, chance and the cloud come in (law 6)."""
DOORS = {
    ("orchestrator/model/clock.py", "time.sleep"): "the one clock",
    ("orchestrator/model/clock.py", "datetime.now"): "the one clock",
    ("orchestrator/model/chance.py", "uuid.uuid4"): "the one chance",
    ("orchestrator/cloud/door.py", "boto3.Session"): "the one door",
    ("drills/simulator/clock.py", "time.sleep"): "keeps the machine's, which it patches",
    ("stacks/functions/flags.py", "boto3.client"): "is deployed: a function of its own, not of this program",
    ("drills/simulator/functions.py", "boto3.Session"): "deployed Lambda code signs with a session of its own",
}
RANDOM = {"orchestrator/model/chance.py", "drills/simulator/cloud.py"}
"""Who imports `random`: the one chance, and who seeds the module's own generator for moto and botocore."""

UNWANTED = ("manager", "helper", "util", "utils", "common", "base", "misc")

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def functions(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(parsed(path)) if isinstance(node, Function))


def public(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[str, Function | ast.ClassDef]]:
    """Public classes, functions and methods; what lies inside a function is nobody else's."""
    for node in body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield f"{prefix}{node.name}", node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body, f"{prefix}{node.name}.")


def dotted(node: ast.AST) -> str:
    """`datetime.datetime.now` for the expression of that name, else nothing."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""


def test_there_is_something_to_look_at() -> None:
    assert len(FILES) > 100


def test_everything_public_is_described() -> None:
    bare = [shown(path) for path in FILES if parsed(path).body and not ast.get_docstring(parsed(path))]
    for path in FILES:
        bare += [f"{shown(path)}:{name}" for name, node in public(parsed(path).body) if not ast.get_docstring(node)]
    assert bare == []


def test_files_are_short_or_say_why_they_are_not() -> None:
    long = {}
    for path in FILES:
        lines = path.read_text().count("\n")
        if lines > LONG_FILES.get(shown(path), (LINES_A_FILE, ""))[0]:
            long[shown(path)] = lines
    assert long == {}
    needless = [name for name in LONG_FILES if (ROOT / name).read_text().count("\n") <= LINES_A_FILE]
    assert needless == [], "these need no exception any more"


def test_functions_are_short_or_say_why_they_are_not() -> None:
    long = {
        f"{shown(path)}:{node.name}"
        for path in FILES
        for node in functions(path)
        if (node.end_lineno or node.lineno) - node.lineno + 1 > LINES_A_FUNCTION
    }
    assert long == set(LONG_FUNCTIONS)


def test_time_chance_and_the_cloud_come_in_by_their_doors_only() -> None:
    found = set()
    for path in FILES:
        for node in ast.walk(parsed(path)):
            name = ".".join(dotted(node).split(".")[-2:]) if isinstance(node, ast.Attribute) else ""
            if name in WORLDLY:
                found.add((shown(path), name))
            if isinstance(node, ast.ImportFrom):
                found |= {(shown(path), f"{node.module}.{each.name}") for each in node.names} & {
                    (shown(path), worldly) for worldly in WORLDLY
                }
    assert found == set(DOORS)


def test_random_is_imported_by_the_two_that_seed_it_only() -> None:
    found = {
        shown(path)
        for path in FILES
        for node in ast.walk(parsed(path))
        if (isinstance(node, ast.Import) and any(each.name == "random" for each in node.names))
        or (isinstance(node, ast.ImportFrom) and node.module in ("random", "secrets"))
    }
    assert found == RANDOM


def test_no_file_and_no_class_has_a_name_that_says_nothing() -> None:
    said = [shown(path) for path in FILES if path.stem.lower() in UNWANTED]
    for path in FILES:
        said += [
            f"{shown(path)}:{node.name}"
            for node in ast.walk(parsed(path))
            if isinstance(node, ast.ClassDef) and node.name.lower().endswith(UNWANTED)
        ]
    assert said == []
