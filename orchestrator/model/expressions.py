"""Expressions in runbooks: `${...}` holds JMESPath over the scope (parameters, sides, steps, item, execution).

Alone in a string an expression keeps its type; otherwise it is written into the text. Two laws: null is never a value
(a path that leads nowhere is an error), and every expression is checked against types before anything runs
(`check`, with `model.inference`).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import jmespath
from jmespath.exceptions import EmptyExpressionError, JMESPathError, LexerError, ParseError
from jmespath.parser import ParsedResult

from orchestrator.model import inference
from orchestrator.model.inference import Problem
from orchestrator.model.shapes import TEXT, UNKNOWN, ListOf, Members, Record, Shape, words

if TYPE_CHECKING:
    from orchestrator.model.values import Json

EXPRESSION_LIMIT = 1_000
"""Characters in one expression: what nobody can read in an incident has no place in a runbook."""

NESTING_LIMIT = 50
"""Levels in one expression's tree: reading it then never depends on how deep the stack already is."""

_UNCOMPUTABLE = (ValueError, TypeError, ArithmeticError, LookupError, AttributeError)
"""What JMESPath's functions and comparisons let escape of Python's own, beside its own errors (ValueErrors): TypeError
where text is ordered against a number, OverflowError where an infinite number is rounded."""

_OPEN = "${"
_QUOTES = frozenset("'\"`")


class ExpressionError(ValueError):
    """An expression that cannot be read, or has no value. `expression` is as written, `reason` a clause."""

    def __init__(self, expression: str, reason: str, remedy: str = "", *, closed: bool = True) -> None:
        super().__init__(f"${{{expression}{'}' if closed else ''} {reason}")
        self.expression, self.reason, self.remedy = expression, reason, remedy


@dataclass(frozen=True, slots=True)
class Expression:
    """One compiled `${...}`, without its braces."""

    text: str
    compiled: ParsedResult

    def value(self, scope: Mapping[str, Json]) -> Json:
        """What it says in `scope`; None where a path leads nowhere.

        Raises:
            ExpressionError: a function was given what it does not take, or the value is none that JSON has.
        """
        try:
            value = self.compiled.search(scope)
        except _UNCOMPUTABLE as why:
            raise ExpressionError(self.text, f"cannot be computed: {_first_line(why)}") from why
        if not _finite(value):
            raise ExpressionError(self.text, "gives an infinite number, or none at all")
        return value


@dataclass(frozen=True, slots=True)
class Template:
    """A string taken apart: plain text and expressions, in order."""

    text: str
    parts: tuple[str | Expression, ...]

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """The expressions alone."""
        return tuple(part for part in self.parts if isinstance(part, Expression))

    @property
    def whole(self) -> Expression | None:
        """The expression that is the whole string, if one is."""
        only = self.parts[0] if len(self.parts) == 1 else None
        return only if isinstance(only, Expression) else None


@dataclass(frozen=True, slots=True)
class Checked:
    """What a string will be, and everything wrong with its expressions."""

    shape: Shape
    problems: tuple[Problem, ...] = ()


@lru_cache(maxsize=8_192)
def parse(text: str) -> Template:
    """A string taken apart at its expressions.

    Raises:
        ExpressionError: a brace is not closed, or what is inside is no JMESPath.
    """
    parts: list[str | Expression] = []
    at = 0
    while (start := text.find(_OPEN, at)) >= 0:
        end = _closing(text, start + len(_OPEN))
        if start > at:
            parts.append(text[at:start])
        parts.append(_compile(text[start + len(_OPEN) : end]))
        at = end + 1
    if at < len(text) or not parts:
        parts.append(text[at:])
    return Template(text, tuple(parts))


def names(text: str) -> frozenset[str]:
    """The root names that a string reads: `{"to", "item"}`.

    Raises:
        ExpressionError: as `parse`.
    """
    return frozenset(path[0] for path in _paths(text))


def steps_used(text: str) -> frozenset[str]:
    """The ids of the steps whose results a string reads.

    Raises:
        ExpressionError: as `parse`.
    """
    return frozenset(path[1] for path in _paths(text) if path[0] == "steps" and len(path) > 1)


def resolve(value: Json, scope: Mapping[str, Json]) -> Json:
    """`value` with every expression in it, however deep, replaced by what it says in `scope`.

    Raises:
        ExpressionError: an expression has no value.
    """
    if isinstance(value, str):
        return _resolve_text(value, scope) if _OPEN in value else value
    if isinstance(value, Mapping):
        return {key: resolve(each, scope) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [resolve(each, scope) for each in value]
    return value


def holds(condition: str, scope: Mapping[str, Json]) -> bool:
    """Whether a `when:` holds: JMESPath's truth, where false, null, and empty text, lists and mappings are not.

    Raises:
        ExpressionError: it is not one whole expression, or cannot be computed.
    """
    whole = parse(condition).whole
    if whole is None:
        raise ExpressionError(condition, "is no condition: write one ${...} and nothing beside it")
    value = whole.value(scope)
    # Zero is true in JMESPath, so Python's own truth will not do.
    return not (value is None or value is False or (isinstance(value, str | list | dict) and not value))


def check(text: str, scope: Mapping[str, Shape]) -> Checked:
    """The shape that a string will have in a scope of these shapes, and what is wrong with its expressions."""
    try:
        template = parse(text)
    except ExpressionError as why:
        return Checked(UNKNOWN, (Problem("syntax", str(why), why.remedy),))
    root = Record("", scope)
    found = [(part, inference.infer(part.compiled.parsed, root)) for part in template.expressions]
    problems = [
        Problem(problem.kind, f"${{{part.text}}}: {problem.what}", problem.remedy)
        for part, (_, several) in found
        for problem in several
    ]
    if template.whole:
        return Checked(found[0][1][0], tuple(problems))
    for part, (shape, _) in found:
        if isinstance(shape, ListOf | Members | Record):
            what = f"${{{part.text}}} is {words(shape)} inside a text"
            problems.append(Problem("type", what, "name one value, or write join(', ', ...)"))
    return Checked(TEXT, tuple(problems))


def _resolve_text(text: str, scope: Mapping[str, Json]) -> Json:
    template = parse(text)
    if template.whole:
        return _present(template.whole, scope)
    return "".join(part if isinstance(part, str) else _as_text(part, scope) for part in template.parts)


def _present(expression: Expression, scope: Mapping[str, Json]) -> Json:
    value = expression.value(scope)
    if value is None:
        raise ExpressionError(expression.text, f"is null: {_why_null(expression, scope)}")
    return value


def _finite(value: Json) -> bool:
    """Whether every number in a value is one that JSON can hold: literals and functions give others too."""
    if isinstance(value, float):
        return math.isfinite(value)
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return all(map(_finite, members))


def _as_text(expression: Expression, scope: Mapping[str, Json]) -> str:
    value = _present(expression, scope)
    if isinstance(value, list | dict):
        kind = "a list" if isinstance(value, list) else "a mapping"
        raise ExpressionError(expression.text, f"is {kind} inside a text", "name one value, or write join(', ', ...)")
    return value if isinstance(value, str) else json.dumps(value)


def _why_null(expression: Expression, scope: Mapping[str, Json]) -> str:
    """Follows the paths to the first key that is not there."""
    for path in inference.paths(expression.compiled.parsed):
        here: Json = scope
        for depth, key in enumerate(path):
            if not isinstance(here, Mapping):
                break
            if here.get(key) is None:
                place = f"{'.'.join(path[:depth])} has" if depth else "there is"
                known = ", ".join(sorted(map(str, here))[:12]) or "nothing"
                return f"{place} no {key!r}; known: {known}"
            here = here[key]
    return "nothing is there"


def _paths(text: str) -> Iterator[tuple[str, ...]]:
    for expression in parse(text).expressions if _OPEN in text else ():
        yield from inference.paths(expression.compiled.parsed)


def _closing(text: str, start: int) -> int:
    """Where the expression that begins at `start` ends; braces of JMESPath's own, and quoted ones, do not count."""
    depth, quote, at = 1, "", start
    while at < len(text):
        char = text[at]
        if quote:
            at += char == "\\"  # the character after a backslash is quoted, also a quote
            quote = "" if char == quote else quote
        elif char in _QUOTES:
            quote = char
        else:
            depth += (char == "{") - (char == "}")
            if depth == 0:
                return at
        at += 1
    what = f"has a {quote} that is not closed" if quote else "lacks its closing brace"
    # YAML takes ` #` in an unquoted value for a comment, and the rest is gone without a word.
    raise ExpressionError(text[start:], what, "close it; quote the whole value if it holds ` #`", closed=False)


@lru_cache(maxsize=8_192)
def _compile(text: str) -> Expression:
    if len(text) > EXPRESSION_LIMIT:
        raise ExpressionError(f"{text[:40]}...", f"is longer than {EXPRESSION_LIMIT} characters")
    try:
        compiled = jmespath.compile(text)
    except EmptyExpressionError as why:
        raise ExpressionError(text, "is empty") from why
    except RecursionError as why:
        raise ExpressionError(text, "is nested too deeply") from why
    except JMESPathError as why:
        # A hyphen outside quotes is the usual slip: ids and agent groups are spelt with them.
        hyphen = re.search(r"[\w]-[\w]", text)
        remedy = 'names with hyphens are quoted: steps."shift-voice"' if hyphen else "see jmespath.org for the syntax"
        raise ExpressionError(text, f"is no JMESPath: {_syntax(why)}", remedy) from why
    if inference.depth(compiled.parsed) > NESTING_LIMIT:
        raise ExpressionError(text, "is nested too deeply")
    return Expression(text, compiled)


def _syntax(why: JMESPathError) -> str:
    if isinstance(why, LexerError):
        return f"{why.message} at column {why.lexer_position + 1}"
    if isinstance(why, ParseError) and why.token_value is not None:
        return f"unexpected {why.token_value!r} at column {why.lex_position + 1}"
    return "it ends too early" if isinstance(why, ParseError) else _first_line(why)


def _first_line(why: BaseException) -> str:
    return str(why).splitlines()[0] if str(why) else type(why).__name__
