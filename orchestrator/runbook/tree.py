"""Reads YAML into plain values with the line of each, within limits that hold before anything large is built.

Laws: the text is streamed as events, so depth and entries are refused where they begin; nothing is built from a tag
or an alias; what YAML 1.1 would read as something else than is written is told, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeAlias

import yaml

from orchestrator.model.errors import Fault
from orchestrator.runbook import mistakes
from orchestrator.runbook.codes import Code
from orchestrator.runbook.scalars import Disguised, read_scalar, reads_as

SIZE_LIMIT = 1 << 20
"""Bytes of UTF-8."""
DEPTH_LIMIT = 40
NODE_LIMIT = 100_000

Path: TypeAlias = tuple[str | int, ...]

UNREAD: Any = object()
"""The value of an alias: it fits no model, and its place is in doubt."""
_MERGE = "<<"
_WRITE_OUT = "write the value out: an alias hides from a reader what a step does"

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Node: TypeAlias = yaml.ScalarEvent | yaml.MappingStartEvent | yaml.SequenceStartEvent


@dataclass(frozen=True, slots=True)
class Lines:
    """Where each key and list entry stands: path to line, counted from 1."""

    of_path: Mapping[Path, int]
    written: Mapping[Path, Path] = field(default_factory=dict)
    """How a key is spelt that is read as another: `(..., "deadline")` to `(..., "dedline")`."""

    def of(self, path: Path) -> int:
        """The line of a path, or of the nearest part around it; 0 if there is none."""
        for length in range(len(path) if self.written else 0, 0, -1):
            path = (*self.written.get(path[:length], path[:length]), *path[length:])
        while path and path not in self.of_path:
            path = path[:-1]
        return self.of_path.get(path, 0)


@dataclass(slots=True)
class Tree:
    """A document as plain values. `switches` holds the text of plain `on`, `off`, `yes`, `no`, by path."""

    file: str
    value: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    switches: dict[Path, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    complete: bool = False
    """Whether the whole text was read: if not, what seems missing may only be unread."""
    doubts: set[Path] = field(default_factory=set)
    """Where what is written was told as a fault already, so that its value says nothing."""


@dataclass(slots=True)
class _Open:
    """A collection being filled. `key` waits for its value; `clashes` are entries to be read and dropped."""

    holder: dict[str, Any] | list[Any]
    path: Path
    key: str | None = None


class _Stop(Exception):
    """Nothing after this place can be trusted."""


def read(text: str, file: str) -> Tree:
    """The tree of a text, with every fault found on the way; never raises for what the text says."""
    tree = Tree(file)
    try:
        large = len(text) > SIZE_LIMIT or len(text.encode()) > SIZE_LIMIT
    except UnicodeEncodeError:
        tree.faults.append(Fault(file, 0, Code.UNREADABLE, "the text is not Unicode", "save it as UTF-8"))
        return tree
    if large:
        what = f"the file has more than {SIZE_LIMIT:,} bytes"
        tree.faults.append(Fault(file, 0, Code.TOO_LARGE, what, "split the runbook"))
        return tree
    builder = _Builder(tree)
    try:
        for event in _events(text):
            builder.take(event)
    except _Stop:
        return tree
    except yaml.YAMLError as error:
        line, code, what, remedy = mistakes.explain(error, text)
        tree.faults.append(Fault(file, line, code, what, remedy))
        return tree
    if builder.documents == 0:
        tree.faults.append(Fault(file, 0, Code.UNREADABLE, "the file is empty", "write a runbook: version, id, title"))
        return tree
    tree.complete = True
    return tree


def _events(text: str) -> Iterator[yaml.Event]:
    loader = _Loader(text)
    try:
        while loader.check_event():
            yield loader.get_event()
    finally:
        loader.dispose()


class _Builder:
    """Takes events one by one; `stack` holds the collections that are open."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.stack: list[_Open] = []
        self.documents = 0
        self.nodes = 0

    def take(self, event: yaml.Event) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    self.stop(event, Code.UNREADABLE, "a second document begins", "keep one runbook a file")
            case yaml.AliasEvent():
                self.count(event)
                self.alias(event)
            case yaml.ScalarEvent() | yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self.count(event)
                self.node(event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self.stack.pop()

    def alias(self, event: yaml.AliasEvent) -> None:
        """Never followed, so that nothing grows. What would stand here is unknown; the rest is read on."""
        self.fault(event, Code.TOO_LARGE, f"*{event.anchor} is an alias", _WRITE_OUT)
        top = self.stack[-1] if self.stack else None
        if top is None or (isinstance(top.holder, dict) and top.key is None):
            raise _Stop
        if top.key == _MERGE:
            self.tree.doubts.add(top.path)
            top.key = None
            return
        self.tree.doubts.add(self.place(event, top))
        self.put(top, UNREAD)

    def count(self, event: _Node | yaml.AliasEvent) -> None:
        self.nodes += 1
        if self.nodes > NODE_LIMIT:
            self.stop(event, Code.TOO_LARGE, f"the file has more than {NODE_LIMIT:,} entries", "split the runbook")
        if len(self.stack) >= DEPTH_LIMIT:
            what = f"this is nested more than {DEPTH_LIMIT} deep"
            self.stop(event, Code.TOO_LARGE, what, "flatten it: a runbook needs five levels")
        if not isinstance(event, yaml.AliasEvent) and _tagged(event):
            self.fault(event, Code.UNREADABLE, f"the tag {event.tag} is not read", "leave the tag out")

    def node(self, event: _Node) -> None:
        top = self.stack[-1] if self.stack else None
        if top is None:
            if not isinstance(event, yaml.MappingStartEvent):
                self.stop(event, Code.UNREADABLE, "the file holds no mapping", "begin with `version: 1`")
            self.tree.lines[()] = _line(event)
        elif isinstance(top.holder, dict) and top.key is None:
            self.open_key(event, top, top.holder)
            return
        path = self.place(event, top)
        if _tagged(event):
            self.tree.doubts.add(path)
        value: Any
        if isinstance(event, yaml.ScalarEvent):
            value = self.scalar(event, path)
        else:
            value = {} if isinstance(event, yaml.MappingStartEvent) else []
        self.put(top, value)
        if not isinstance(event, yaml.ScalarEvent):
            self.stack.append(_Open(value, path))

    def place(self, event: yaml.Event, top: _Open | None) -> Path:
        if top is None:
            return ()
        if isinstance(top.holder, list):
            path = (*top.path, len(top.holder))
            self.tree.lines.setdefault(path, _line(event))
            return path
        return (*top.path, top.key or "")

    def put(self, top: _Open | None, value: Any) -> None:
        if top is None:
            self.tree.value = value
        elif isinstance(top.holder, list):
            top.holder.append(value)
        else:
            # The first of two equal keys stands, so that its faults keep their line.
            top.holder.setdefault(top.key or "", value)
            top.key = None

    def open_key(self, event: _Node, top: _Open, holder: dict[str, Any]) -> None:
        if not isinstance(event, yaml.ScalarEvent):
            self.stop(event, Code.UNREADABLE, "a key is a list or a mapping", "name it with a word; quote `{` and `[`")
        key = event.value
        read = read_scalar(key, plain=event.implicit[0])
        if not isinstance(read, str):
            self.fault(
                event, Code.YAML_TRAP, f"the key {key[:40]} is read by YAML as {reads_as(read)}", "quote the key"
            )
        path = (*top.path, key)
        if key in holder:
            what = f'"{key}" is given here and on line {self.tree.lines[path]}'
            self.fault(event, Code.TWICE, what, "keep one of them")
        self.tree.lines.setdefault(path, _line(event))
        top.key = key

    def scalar(self, event: yaml.ScalarEvent, path: Path) -> Any:
        text = event.value
        value = read_scalar(text, plain=event.implicit[0])
        if isinstance(value, Disguised):
            self.fault(event, Code.YAML_TRAP, f"{text[:40]} is read by YAML as {value.reads_as}", "quote it")
            self.tree.doubts.add(path)
            return text
        if isinstance(value, bool) and text.lower() not in ("true", "false"):
            self.tree.switches[path] = text
        return value

    def fault(self, event: yaml.Event, code: Code, what: str, remedy: str) -> None:
        self.tree.faults.append(Fault(self.tree.file, _line(event), code, what, remedy))

    def stop(self, event: yaml.Event, code: Code, what: str, remedy: str) -> NoReturn:
        self.fault(event, code, what, remedy)
        raise _Stop


def _tagged(event: _Node) -> bool:
    return bool(event.tag) and not (isinstance(event, yaml.ScalarEvent) and event.tag == "!")


def _line(event: yaml.Event) -> int:
    return int(event.start_mark.line) + 1  # type: ignore[union-attr] # a parser's events carry marks
