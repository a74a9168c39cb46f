"""From a runbook's text to frozen data, or to every fault in it with file, line, what and remedy.

A fault of form does not hide the others: `read` gives whatever could be read, for `lint` to judge in the same pass.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from orchestrator.model.errors import Fault, InvalidInput
from orchestrator.model.runbook import Runbook
from orchestrator.runbook import tree
from orchestrator.runbook.codes import Code
from orchestrator.runbook.doubts import Doubts
from orchestrator.runbook.draft import draft
from orchestrator.runbook.tree import SIZE_LIMIT, Lines, Path, Tree

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path as FilePath


@dataclass(frozen=True, slots=True)
class Loaded:
    """A runbook with what it was read from. `sha256` is of the text's UTF-8 bytes."""

    runbook: Runbook
    lines: Lines
    sha256: str
    source: str
    file: str = ""
    switches: Mapping[Path, str] = field(default_factory=lambda: MappingProxyType({}))
    """Where a plain `on`, `off`, `yes` or `no` was read as true or false, and its text."""
    faults: tuple[Fault, ...] = ()
    """What was found while reading. With any, the runbook is for `lint` alone: it may be a draft."""
    doubts: Doubts = field(default_factory=Doubts)

    def fault(self, path: Path, code: Code, what: str, remedy: str) -> Fault:
        """A fault at the line of a path."""
        return Fault(self.file, self.lines.of(path), code, what, remedy)


def load(text: str, file: str) -> Loaded:
    """A runbook from its text; `file` is how faults name it.

    Raises:
        InvalidInput: with every fault found in reading, in order of lines.
    """
    loaded = read(text, file)
    if loaded.faults:
        raise invalid(file, loaded.faults)
    return loaded


def read(text: str, file: str) -> Loaded:
    """Whatever can be read of a runbook, with its faults: for `lint`, which adds those that it finds.

    Raises:
        InvalidInput: with every fault found, where reading ended before the text did.
    """
    found = tree.read(text, file)
    lines = Lines(MappingProxyType(found.lines))
    if not found.complete:
        raise invalid(file, [*found.faults, *_misfits_so_far(found, lines)])
    runbook, lines, faults = draft(found, lines)
    digest = hashlib.sha256(text.encode()).hexdigest()
    switches, doubts = MappingProxyType(found.switches), Doubts(frozenset(found.doubts))
    return Loaded(runbook, lines, digest, text, file, switches, (*found.faults, *faults), doubts)


def read_file(path: FilePath) -> Loaded:
    """As `read`, from a file of which no more than the limit is read.

    Raises:
        InvalidInput: it cannot be read, or as `read`.
    """
    return read(text_of(path), str(path))


def text_of(path: FilePath) -> str:
    """A document's text, of which no more than a little over the limit is read.

    Raises:
        InvalidInput: it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return stream.read(SIZE_LIMIT + 1).decode()
    except UnicodeDecodeError as why:
        what = f"byte {why.start} is no UTF-8"
        raise invalid(str(path), [Fault(str(path), 0, Code.UNREADABLE, what, "save the file as UTF-8")]) from why
    except OSError as why:
        what = f"the file cannot be read: {why.strerror or why}"
        fault = Fault(str(path), 0, Code.UNREADABLE, what, "check its path and permissions")
        raise invalid(str(path), [fault]) from why


def invalid(file: str, faults: Iterable[Fault]) -> InvalidInput:
    """The error that carries a file's faults, in order of lines."""
    found = sorted(set(faults))
    count = f"{len(found)} faults" if len(found) != 1 else "one fault"
    return InvalidInput(f"{file} has {count}", remedy="correct each line named", faults=found)


def _misfits_so_far(found: Tree, lines: Lines) -> Iterable[Fault]:
    """The faults of form in what was read before reading ended; the last line may have been read in part."""
    if not isinstance(found.value, dict):
        return ()
    ended = max((fault.line for fault in found.faults), default=0)
    return [fault for fault in draft(found, lines)[2] if fault.line < ended]
