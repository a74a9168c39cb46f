"""From a runbook's text to frozen data, or to every fault in it with file, line, what and remedy.

A fault of form does not hide the others: whatever could be read is checked against the model in the same pass.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from orchestrator.model import runbook as document
from orchestrator.model.errors import Fault, InvalidInput
from orchestrator.model.runbook import Runbook
from orchestrator.runbook import misfits, tree
from orchestrator.runbook.codes import Code
from orchestrator.runbook.tree import SIZE_LIMIT, Lines, Path

if TYPE_CHECKING:
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

    def fault(self, path: Path, code: Code, what: str, remedy: str) -> Fault:
        """A fault at the line of a path."""
        return Fault(self.file, self.lines.of(path), code, what, remedy)


def load(text: str, file: str) -> Loaded:
    """A runbook from its text; `file` is how faults name it.

    Raises:
        InvalidInput: with every fault found, in order of lines.
    """
    read = tree.read(text, file)
    lines = Lines(MappingProxyType(read.lines))
    faults = list(read.faults)
    if isinstance(read.value, dict):
        try:
            runbook = document.parse(read.value)
        except document.Unfit as unfit:
            faults += misfits.explain(unfit.misfits, read, lines)
        else:
            if not faults:
                digest = hashlib.sha256(text.encode()).hexdigest()
                return Loaded(runbook, lines, digest, text, file, MappingProxyType(read.switches))
    raise invalid(file, faults)


def load_file(path: FilePath) -> Loaded:
    """A runbook from its file, of which no more than the limit is read.

    Raises:
        InvalidInput: it cannot be read, or with every fault found.
    """
    return load(text_of(path), str(path))


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


def invalid(file: str, faults: list[Fault]) -> InvalidInput:
    """The error that carries a file's faults, in order of lines."""
    count = f"{len(faults)} faults" if len(faults) != 1 else "one fault"
    return InvalidInput(f"{file} has {count}", remedy="correct each line named", faults=sorted(set(faults)))
