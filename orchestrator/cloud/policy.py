"""From the calls that somebody may make to the least IAM policy that lets them. Pure; the same calls, the same text.

Laws: an action is in one statement for each type of resource that it requires, with no more Regions than it is called
in; actions stand together where all else is equal; everything is sorted, so that a diff shows what changed and no more.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from orchestrator.cloud.permissions import DEPENDENT, KINDS, Kind, action_of
from orchestrator.cloud.regions import DNS
from orchestrator.model.actions import Call
from orchestrator.model.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from orchestrator.model.values import Json

ROLE_CHARACTERS: Final = 10_240
"""What IAM allows a role's inline policies together, white space not counted (IAM User Guide, quotas)."""
_SIDE = "${side."


@dataclass(frozen=True, slots=True)
class Need:
    """A call, whose it is, and the inventory's paths that its action's parameters come from."""

    whose: str
    call: Call
    reads: frozenset[str]


@dataclass(frozen=True, slots=True, order=True)
class _Grant:
    """One action on one resource, or on none that could be named but under a condition."""

    sid: str
    action: str
    resource: str
    namespace: str
    """`key=value` of a condition that names the resource, or empty."""
    region: str
    """The Region that the call is held to by a condition, or empty."""


def document(needs: Iterable[Need], sides: Mapping[str, str]) -> Json:
    """The policy. `sides` tells the inventory's side of each Region that calls may name.

    Raises:
        InvalidInput: an operation that has no row in `permissions`, or a resource that the inventory does not name.
    """
    grants = {grant for need in needs if need.call.service != DNS for grant in _grants(need, sides)}
    return {"Version": "2012-10-17", "Statement": _statements(grants)}


def shown(policy: Json) -> str:
    """The text of its file."""
    return json.dumps(policy, indent=2) + "\n"


def _grants(need: Need, sides: Mapping[str, str]) -> Iterator[_Grant]:
    key = (need.call.service, need.call.operation)
    if key not in KINDS:
        raise InvalidInput(
            f"{need.whose} calls {key[0]}:{key[1]}, of which nobody here knows what IAM asks for",
            remedy="add its row to cloud/permissions.py, from the Service Authorization Reference",
        )
    wanted = {action_of(*key): KINDS[key], **DEPENDENT.get(key, {})}
    for action, kinds in wanted.items():
        for kind in kinds:
            yield from _held(need, action, kind, sides.get(need.call.region, ""))


def _held(need: Need, action: str, kind: Kind, side: str) -> Iterator[_Grant]:
    """The action on every resource of the kind that the parameters name."""
    sid = _word(action.partition(":")[0]) + kind.sid
    for name in _names(need, kind):
        pattern = kind.arn if name or not kind.unnamed else kind.unnamed
        if not side and (_SIDE in pattern or kind.here_only):
            raise InvalidInput(
                f"{need.whose} calls {action} in {need.call.region}, which is neither side's Region",
                remedy="take the Region from the inventory",
            )
        resource = pattern.replace(_SIDE, f"${{{side}.").replace("{name}", f"${{{name}}}")
        condition = f"{kind.condition}=${{{name}}}" if kind.condition else ""
        yield _Grant(sid, action, resource, condition, f"${{{side}.region}}" if kind.here_only else "")


def _names(need: Need, kind: Kind) -> list[str]:
    if not kind.named_by:
        return [""]
    found = sorted(path for path in need.reads if re.search(rf"(^|[._]){re.escape(kind.named_by)}($|\.)", path))
    if not found and not kind.unnamed:
        raise InvalidInput(
            f"{need.whose} calls {need.call.service}:{need.call.operation} on what no {kind.named_by} names",
            remedy=f"take it from the inventory's {kind.named_by}",
        )
    return found or [""]


def _statements(grants: Iterable[_Grant]) -> list[Json]:
    """Grants that differ in their action alone are one statement, in order of their Sids."""
    by_action: dict[tuple[str, str], set[_Grant]] = {}
    for grant in grants:
        by_action.setdefault((grant.sid, grant.action), set()).add(grant)
    alike: dict[tuple[str, tuple[tuple[str, str, str], ...]], list[str]] = {}
    for (sid, action), held in sorted(by_action.items()):
        what = tuple(sorted((each.resource, each.namespace, each.region) for each in held))
        alike.setdefault((sid, what), []).append(action)
    made: dict[str, Json] = {}
    for (sid, what), actions in sorted(alike.items()):
        name, number = sid + _of_one_side(what), 2
        while name in made:
            name, number = f"{sid}{_of_one_side(what)}{number}", number + 1
        made[name] = _statement(name, actions, what)
    return [made[name] for name in sorted(made)]


def _statement(sid: str, actions: list[str], what: tuple[tuple[str, str, str], ...]) -> Json:
    equals: dict[str, set[str]] = {}
    for _, condition, region in what:
        if condition:
            key, _, value = condition.partition("=")
            equals.setdefault(key, set()).add(value)
        if region:
            equals.setdefault("aws:RequestedRegion", set()).add(region)
    held = {"StringEquals": {key: sorted(values) for key, values in sorted(equals.items())}}
    resources = sorted({resource for resource, _, _ in what})
    statement = {"Sid": sid, "Effect": "Allow", "Action": sorted(actions), "Resource": resources}
    return {**statement, "Condition": held} if equals else statement


def _of_one_side(what: tuple[tuple[str, str, str], ...]) -> str:
    """`Primary` or `Standby` where nothing else is named; else empty."""
    text = str(what)
    named = [side for side in ("primary", "standby") if f"${{{side}." in text]
    return named[0].title() if len(named) == 1 else ""


def _word(prefix: str) -> str:
    return "".join(part.title() for part in prefix.split("-"))
