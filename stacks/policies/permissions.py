"""Rules of roles: every action is named, also of break-glass; who stands in or breaks the glass shows a second factor.

Laws:
- A managed policy's actions cannot be seen from here, and AWS changes its own; so it is refused as a wildcard is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from stacks.policies.documents import listed, statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.policies.graph import Graph, Resource

MFA_ROLES: Final = ("break-glass", "stand-in")
"""Logical names of the roles whose takers show a second factor."""
SESSION_S_MOST: Final = {"break-glass": 3_600}

_POLICIES = frozenset({"aws:iam/policy:Policy", "aws:iam/rolePolicy:RolePolicy"})
_ROLE = "aws:iam/role:Role"
_ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
_OF_AWS = ":iam::aws:policy/"


def names_every_action(resource: Resource, _graph: Graph) -> Iterator[str]:
    """No `*` or `?` in an allowed action, no `NotAction`, no managed policy of AWS.

    Raises:
        NotYetKnown: the policy is made of what AWS will answer.
    """
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


def asks_for_a_second_factor(resource: Resource, _graph: Graph) -> Iterator[str]:
    """The trust of stand-in and break-glass holds every taker to MFA, and a session of the latter to an hour.

    Raises:
        NotYetKnown: the trust is made of what AWS will answer.
    """
    if resource.type != _ROLE or resource.name not in MFA_ROLES:
        return
    for statement in statements(resource.known("assumeRolePolicy")):
        asked = (statement.get("Condition") or {}).get("Bool", {}).get("aws:MultiFactorAuthPresent")
        if statement.get("Effect") == "Allow" and str(asked).lower() != "true":
            yield f"{resource.name}: its trust admits who shows no second factor"
    most = SESSION_S_MOST.get(resource.name)
    if most is not None and (resource.known("maxSessionDuration") or 3_600) > most:
        yield f"{resource.name}: a session may last longer than {most} s"


def _wild(name: str, policy: Any) -> Iterator[str]:
    for statement in statements(policy):
        if statement.get("Effect") != "Allow":
            continue
        if "NotAction" in statement:
            yield f"{name}: NotAction allows whatever it does not list"
        for action in listed(statement.get("Action")):
            if "*" in action or "?" in action:
                yield f"{name}: {action} allows what a wildcard stands for"
