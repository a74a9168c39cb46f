"""Plain words as YAML 1.1 reads them, and those that it reads as something else than they look like.

Dates stay text (the model reads them where it wants them). Other tools read the same files, so YAML's own rules hold;
what would surprise a reader is returned as `Disguised` and refused, not guessed at.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import yaml

EXACT_LIMIT = 2**53
"""Whole numbers beyond this are not kept by every JSON reader (RFC 8785 refuses them), so neither by the journal."""

_PLAIN_INT = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_TAG = "tag:yaml.org,2002:"
_RESOLVER = yaml.resolver.Resolver()


@dataclass(frozen=True, slots=True)
class Disguised:
    """A word that YAML reads as a number that it does not look like, or that cannot be kept."""

    reads_as: str


def read_scalar(text: str, *, plain: bool) -> str | bool | float | Disguised | None:
    """The value of a word; quoted words are text."""
    if not plain:
        return text
    tag = str(_RESOLVER.resolve(yaml.ScalarNode, text, (True, False))).removeprefix(_TAG)  # type: ignore[no-untyped-call] # types-PyYAML leaves resolve() untyped
    if tag == "null":
        return None
    if tag == "bool":
        return bool(yaml.SafeLoader.bool_values[text.lower()])
    if tag == "int":
        return _whole(text)
    return _decimal(text) if tag == "float" else text


def reads_as(value: object) -> str:
    """A value in words, as YAML took it."""
    if isinstance(value, Disguised):
        return value.reads_as
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return "a number"


def _whole(text: str) -> int | Disguised:
    if re.fullmatch(r"[-+]?[0-9]+", text) and (len(text) > 18 or abs(int(text)) > EXACT_LIMIT):
        return Disguised("a number too large to be kept exactly")
    if _PLAIN_INT.fullmatch(text):
        return int(text)
    return Disguised("a number in base sixty" if ":" in text else "another number")


def _decimal(text: str) -> float | Disguised:
    if "_" in text or ":" in text:
        return Disguised("another number")
    lowered = text.lower().lstrip("+-")
    value = math.nan if lowered in (".inf", ".nan") else float(text)
    return value if math.isfinite(value) else Disguised("no number to act on")
