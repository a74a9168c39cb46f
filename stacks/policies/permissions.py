"""Rules of what roles may do: every action is named.

Laws:
- Break-glass is the one exception, and is told by its name: it is for what nobody foresaw.
- A managed policy's actions cannot be seen from here, and AWS changes its own; so it is refused as a wildcard is.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.policies.graph import Graph, Resource

BREAK_GLASS: Final = "break-glass"
"""In the logical name of a role, or of a policy of it: the only ones that may hold wildcards."""

_POLICIES = frozenset({"aws:iam/policy:Policy", "aws:iam/rolePolicy:RolePolicy"})
_ROLE = "aws:iam/role:Role"
_ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
_OF_AWS = ":iam::aws:policy/"


def names_every_action(resource: Resource, _graph: Graph) -> Iterator[str]:
    """No `*` or `?` in an allowed action, no `NotAction`, no managed policy of AWS.

    Raises:
        NotYetKnown: the policy is made of what AWS will answer.
    """
    if BREAK_GLASS in resource.name:
        return
    if resource.type == _ATTACHMENT and _OF_AWS in str(resource.known("policyArn")):
        yield f"{resource.name}: {resource.known('policyArn')} is AWS's, and holds what AWS puts there"
    if resource.type in _POLICIES:
        yield from _wild(resource.name, resource.known("policy"))
    if resource.type == _ROLE:
        for arn in resource.known("managedPolicyArns") or ():
            if _OF_AWS in str(arn):
                yield f"{resource.name}: {arn} is AWS's, and holds what AWS puts there"
        for inline in resource.known("inlinePolicies") or ():
            yield from _wild(resource.name, inline.get("policy"))


def _wild(name: str, policy: Any) -> Iterator[str]:
    document = json.loads(policy) if isinstance(policy, str) else policy or {}
    for statement in _listed(document.get("Statement")):
        if statement.get("Effect") != "Allow":
            continue
        if "NotAction" in statement:
            yield f"{name}: NotAction allows whatever it does not list"
        for action in _listed(statement.get("Action")):
            if "*" in action or "?" in action:
                yield f"{name}: {action} allows what a wildcard stands for"


def _listed(value: Any) -> list[Any]:
    """IAM lets a list of one be written without its brackets."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
