"""Every command that README.md and docs/ show is run, in order, document by document, and must end as it says.

A fenced block of the kind `console` holds commands after `$ `; what stands between them is output, shortened by hand
and not compared. `<!-- not run: reason -->` in the line before a block exempts it; `<!-- ends N -->` says that its
commands end with that exit code instead of 0.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^(?P<indent> *)```(?P<kind>\w*)\n(?P<body>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
NOT_RUN = re.compile(r"<!-- not run: *(?P<reason>.*?) *-->\s*\Z")
ENDS = re.compile(r"<!-- ends (?P<code>\d) -->\s*\Z")
SHELL = re.compile(r"[|&;<>$`*~]")


@dataclass(frozen=True)
class Block:
    """One fenced block: where it stands, its commands, and what the comment before it says."""

    line: int
    kind: str
    commands: tuple[str, ...]
    not_run: str | None
    ends: int


def blocks(path: Path) -> Iterator[Block]:
    text = path.read_text()
    for fence in FENCE.finditer(text):
        before = text[: fence.start()]
        body = fence["body"].replace("\\\n", " ")
        exempt, ends = NOT_RUN.search(before), ENDS.search(before)
        yield Block(
            line=before.count("\n") + 1,
            kind=fence["kind"],
            commands=tuple(line.strip()[2:] for line in body.splitlines() if line.strip().startswith("$ ")),
            not_run=exempt["reason"] if exempt else None,
            ends=int(ends["code"]) if ends else 0,
        )


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.fixture
def anywhere(centre: Any) -> Path:
    """A working directory with everything of the project in it, configuration and runbooks as shipped, no state."""
    centre.as_shipped()
    for entry in ROOT.iterdir():
        if not entry.name.startswith(".") and not (centre.folder / entry.name).exists():
            (centre.folder / entry.name).symlink_to(entry)
    return Path(centre.folder)


def run(command: str, folder: Path, failover: Callable[..., Any], environment: dict[str, str]) -> tuple[int, str]:
    """In this process where it is ours alone, else by a shell."""
    command = command.replace("/tmp/", f"{folder}/tmp/")  # noqa: S108 - documents write there, tests do not
    if command.split()[0] == "failover" and not SHELL.search(command):
        said = failover(*shlex.split(command, comments=True)[1:])
        return said.code, said.out + said.err
    path = f"{sysconfig.get_path('scripts')}:{environment.get('PATH', '')}"
    ended = subprocess.run(  # noqa: S603 - what the project's own documents say
        ["bash", "-c", command], cwd=folder, env={**environment, "PATH": path},  # noqa: S607 - as readers would
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return ended.returncode, ended.stdout + ended.stderr


@pytest.mark.parametrize("document", DOCUMENTS, ids=shown)
def test_the_commands_of_a_document_end_as_it_says(
    document: Path, anywhere: Path, centre: Any, failover: Callable[..., Any]
) -> None:
    (anywhere / "tmp").mkdir()
    for block in blocks(document):
        if block.kind != "console" or block.not_run is not None:
            continue
        for command in block.commands:
            code, told = run(command, anywhere, failover, centre.environment())
            assert code == block.ends, f"{shown(document)}:{block.line}  {command}  ended {code}\n{told[-2000:]}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=shown)
def test_no_command_of_a_document_escapes_the_test_above(document: Path) -> None:
    for block in blocks(document):
        place = f"{shown(document)}:{block.line}"
        if block.kind == "console":
            assert block.commands, f"{place} shows no command; begin each with `$ `"
            assert block.not_run != "", f"{place} is not run, and does not say why"
        else:
            assert not block.commands, f"{place} shows commands; make it a `console` block"


def test_there_are_commands_to_run() -> None:
    found = [block for document in DOCUMENTS for block in blocks(document) if block.kind == "console"]
    assert any(block.not_run is None for block in found)
    unclosed = [shown(document) for document in DOCUMENTS if document.read_text().count("```") % 2]
    assert unclosed == []


def test_a_wrong_command_and_a_block_without_one_would_be_seen(
    tmp_path: Path, anywhere: Path, centre: Any, failover: Callable[..., Any]
) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "Text.\n\n<!-- ends 2 -->\n```console\n$ failover plan nope \\\n  --simulate\nits output\n$ false | cat\n```\n"
        "\n<!-- not run: asks a person -->\n```console\n$ failover\n```\n\n```sh\n$ make demo\n```\n"
    )
    first, second, third = blocks(page)
    assert (first.line, first.ends, first.not_run, second.not_run, third.kind) == (4, 2, None, "asks a person", "sh")
    assert [" ".join(command.split()) for command in first.commands] == ["failover plan nope --simulate", "false | cat"]
    ends = [run(command, anywhere, failover, centre.environment())[0] for command in first.commands]
    assert ends == [2, 0]
