"""The canonical form of a JSON value (RFC 8785), fast for what events are made of: text, small numbers, records.

Law: the bytes are exactly those of the `rfc8785` library, which is asked wherever the answer is not plain (odd floats,
keys beyond ASCII, whatever JSON cannot carry). That library writes every character through Python; a plan of a thousand
steps would spend more time there than in being carried out.
"""

from __future__ import annotations

from json.encoder import encode_basestring as quoted
from typing import TYPE_CHECKING

import rfc8785

if TYPE_CHECKING:
    from orchestrator.model.values import Json

SAFE = 2**53
"""Whole numbers below this are the same in every JSON reader."""

_WORDS = {None: "null", True: "true", False: "false"}


def canonical(value: Json) -> bytes:
    """The one spelling of `value`, in UTF-8.

    Raises:
        ValueError: JSON cannot carry it.
        RecursionError: it is nested too deeply.
    """
    try:
        return _text(value).encode()
    except (TypeError, UnicodeEncodeError):
        return rfc8785.dumps(value)  # which says what is wrong


def _text(value: Json) -> str:
    kind = type(value)
    if kind is str:
        return quoted(value)
    if kind is dict and "".join(value).isascii():  # such keys sort by character as RFC 8785 wants, by UTF-16 unit
        return "{" + ",".join([f"{quoted(key)}:{_text(value[key])}" for key in sorted(value)]) + "}"
    if kind is list or kind is tuple:
        return "[" + ",".join([_text(member) for member in value]) + "]"
    if value is None or kind is bool:
        return _WORDS[value]
    if (kind is int or (kind is float and value.is_integer())) and -SAFE < value < SAFE:
        return str(int(value))
    return quoted(value) if isinstance(value, str) else rfc8785.dumps(value).decode()
