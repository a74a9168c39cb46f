"""Reads single keys and tables of a role's configuration, and gathers what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any, TypeVar

from stacks.settings import Entry, SettingsRefused

if TYPE_CHECKING:
    from collections.abc import Collection

    from stacks.settings import Source

T = TypeVar("T", bound=Entry)


class Reader:
    """A source of configuration, and the faults found in it so far, each with its remedy."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.faults: list[str] = []

    def text(self, key: str, *, otherwise: str = "") -> str:
        """A key that must have a value, unless there is one for where it has none."""
        value = self.source.get(key) or otherwise
        if not value:
            self.faults.append(f"{key}: missing; set it in this role's Pulumi.<role>.yaml")
        return value

    def one_of(self, key: str, known: Collection[str], *, otherwise: str = "") -> str:
        """A key that has one of the known values; empty where it has not."""
        value = self.text(key, otherwise=otherwise)
        if value in known:
            return value
        if value:
            self.faults.append(f"{key}: {value!r} is none of {', '.join(sorted(known))}")
        return ""

    def table(self, key: str, entry: type[T], *, or_empty: bool = False) -> tuple[T, ...]:
        """The entries of a table, in its order."""
        raw = self.source.get_object(key)
        if or_empty and not raw and self.source.get(key) is not None:
            return ()
        if not isinstance(raw, Mapping) or not raw:
            self.faults.append(f"{key}: a table of names is needed, each with its own keys")
            return ()
        found = (self._entry(f"{key}.{name}", str(name), body, entry) for name, body in raw.items())
        return tuple(each for each in found if each is not None)

    def table_if_any(self, key: str, entry: type[T]) -> tuple[T, ...]:
        """The entries of a table that need not be there."""
        return () if self.source.get_object(key) is None else self.table(key, entry, or_empty=True)

    def _entry(self, where: str, name: str, body: Any, entry: type[T]) -> T | None:
        body = body or {}
        known = {f.name: f for f in fields(entry) if f.name != "name"}
        wrong = [f"{where}: unknown key {key!r}; known: {', '.join(known)}" for key in body if key not in known]
        wrong += [f"{where}: {n} is missing" for n, f in known.items() if f.default is MISSING and n not in body]
        wrong += [
            f"{where}.{key}: {value!r} is not {_shape(known[key].type)}"
            for key, value in body.items()
            if key in known and not _fits(value, str(known[key].type))
        ]
        self.faults += wrong
        return None if wrong else entry(name=name, **body)

    def refuse_if_faulty(self) -> None:
        """End the reading.

        Raises:
            SettingsRefused: with every fault found.
        """
        if self.faults:
            raise SettingsRefused(self.faults)


def _shape(annotation: object) -> str:
    return {"str": "a text", "list[str]": "a list of names"}.get(str(annotation), "a whole number from 1")


def _fits(value: Any, annotation: str) -> bool:
    if annotation == "str":
        return isinstance(value, str)
    if annotation == "list[str]":
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1
