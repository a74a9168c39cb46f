"""What somebody meant who wrote what YAML cannot read: turns a parser's complaint into a sentence and a remedy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from orchestrator.runbook.codes import Code

if TYPE_CHECKING:
    import yaml

_BREAKS = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_KEY_BEFORE = re.compile(r"\s*(- )*[\w\"'-]+:\s+\S")


def explain(error: yaml.YAMLError, text: str) -> tuple[int, Code, str, str]:  # noqa: PLR0911 - one a mistake
    """Line, code, sentence and remedy of a text that YAML cannot read."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return _control_character(error, text)
    lines = _BREAKS.split(text)
    line = lines[mark.line] if mark.line < len(lines) else ""
    before, here = line[: mark.column], line[mark.column : mark.column + 1]
    problem = str(getattr(error, "problem", "") or error)
    number = mark.line + 1
    if "\t" in (here, *before.strip(" ")[:1]):
        return number, Code.YAML_TRAP, "a tab stands where YAML wants spaces", "indent with spaces"
    if before.endswith("$") and here == "{":
        what = "${...} stands unquoted inside {} or [], where YAML reads its brace as its own"
        return number, Code.YAML_TRAP, what, 'write "${...}" in quotes'
    if problem.startswith("mapping values are not allowed"):
        if _KEY_BEFORE.match(before):
            return (
                number,
                Code.YAML_TRAP,
                "the value holds `: `, which YAML reads as another key",
                "quote the whole value",
            )
        return number, Code.UNREADABLE, "this key does not line up with those above", "indent it as its neighbours are"
    if problem.startswith("found character that cannot start"):
        return number, Code.YAML_TRAP, f"an unquoted value may not begin with {here}", "quote the whole value"
    return _unclear(error, problem, number, at_end=not any(map(str.strip, lines[mark.line :])))


def _unclear(error: yaml.YAMLError, problem: str, number: int, *, at_end: bool) -> tuple[int, Code, str, str]:
    """The parser's own words; what is not closed by the end is told where it was opened."""
    context, opened = str(getattr(error, "context", "") or ""), getattr(error, "context_mark", None)
    begun = opened.line + 1 if opened is not None else number
    what = f"this is no YAML: {problem}" + (f", {context}" if context else "")
    if at_end and begun < number:
        return begun, Code.UNREADABLE, what, "close what is opened here"
    return (
        number,
        Code.UNREADABLE,
        what + (f" that begins on line {begun}" if begun < number else ""),
        "correct the line",
    )


def _control_character(error: yaml.YAMLError, text: str) -> tuple[int, Code, str, str]:
    """PyYAML's reader tells a position instead of a mark, in characters or in bytes; the character is found again."""
    character = getattr(error, "character", None)
    shown = f"the character U+{character:04X}" if isinstance(character, int) else "a control character"
    at = text.find(chr(character)) if isinstance(character, int) else -1
    line = len(_BREAKS.findall(text[:at])) + 1 if at >= 0 else 0
    return line, Code.UNREADABLE, f"{shown} may not stand in YAML", "remove it"
