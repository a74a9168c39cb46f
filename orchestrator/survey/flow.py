"""A flow's content, side-neutral, and what in it is pinned to a Region. Pure.

Laws:
- In a mirrored flow any literal Region is a fault: the copy runs elsewhere, and `$.AwsRegion` is what both know. In an
  instance of its own a flow may name its own Region, never another.
- Words that are spoken or shown to people are no parameters, and may name what they like.

Source: Amazon Connect Administrator Guide, "Set up Amazon Connect Global Resiliency" (flows and `$.AwsRegion`); Amazon
Connect API Reference, "Flow language actions".
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orchestrator.model.values import Json

_REGION: Final = re.compile(
    r"(?<![\w-])(?:us-gov|af|ap|ca|cn|eu|il|me|mx|sa|us)-(?:north|south|(?:north|south)?(?:east|west)|central)-[1-9]\b"
)
_ARN: Final = re.compile(r"arn:aws[\w-]*:[\w-]+:([a-z0-9-]+):[^\s\"']*")
_NUMBER: Final = re.compile(r"\+\d{7,15}\b")
_SPOKEN: Final = frozenset({"Text", "SSML", "Metadata", "Description", "Name"})


@dataclass(frozen=True, slots=True)
class Pinned:
    """A place in a flow that names a Region. `path` is within the flow, `literal` what stands there."""

    path: str
    literal: str
    region: str


def structure(content: str, *, names: Mapping[str, str], region: str = "") -> Json:
    """The flow as mappings that another side's can be compared with.

    Actions by identifier; ids replaced by `names`, phone numbers by `{number}`, and in ARNs `region` by `{region}`, for
    an instance of its own names its own Region there (a mirrored flow is the same text on both sides). Positions on the
    designer's canvas are left out. A content that is no JSON is one value, "unreadable".
    """
    flow = _parsed(content)
    if flow is None:
        return "unreadable"
    neutral = _neutral(flow, {**names, **({f":{region}:": ":{region}:"} if region else {})})
    return {"start": neutral.get("StartAction"), "actions": dict(_actions(neutral))}


def pinned(content: str, *, region: str, mirrored: bool) -> Iterator[Pinned]:
    """Every literal Region that does not belong into the flow of `region`'s side; `mirrored`: the other runs it too."""
    for identifier, action in _actions(_parsed(content) or {}):
        for path, text in _texts(action, identifier):
            for found, literal in _regions(text):
                if mirrored or found != region:
                    yield Pinned(path, literal, found)


def _parsed(content: str) -> dict[str, Json] | None:
    try:
        flow = json.loads(content)
    except ValueError:
        return None
    return flow if isinstance(flow, dict) else None


def _actions(flow: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    for place, action in enumerate(flow.get("Actions") or ()):
        yield str(action.get("Identifier", place)), action


def _neutral(value: Json, names: Mapping[str, str]) -> Json:
    if isinstance(value, dict):
        return {key: _neutral(each, names) for key, each in value.items() if key != "Metadata"}
    if isinstance(value, list):
        return [_neutral(each, names) for each in value]
    if not isinstance(value, str):
        return value
    for literal, name in names.items():
        value = value.replace(literal, name)
    return _NUMBER.sub("{number}", value)


def _texts(value: Json, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, each in value.items():
            if key not in _SPOKEN:
                yield from _texts(each, f"{path}.{key}")
    elif isinstance(value, list):
        for place, each in enumerate(value):
            yield from _texts(each, f"{path}[{place}]")


def _regions(text: str) -> Iterator[tuple[str, str]]:
    """The Regions named in a text with what names them: an ARN whole, else the name alone."""
    for arn in _ARN.finditer(text):
        if _REGION.fullmatch(arn[1]):
            yield arn[1], arn[0]
    for bare in _REGION.finditer(_ARN.sub("", text)):
        yield bare[0], bare[0]
