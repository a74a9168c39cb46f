"""The rules as Pulumi policies: what the engine hands over becomes a graph, what the rules say becomes violations.

Laws:
- A rule that looks at one resource is a resource policy: it stops that resource before it is made. One that looks
  beside it is a stack policy.
- What a preview cannot tell is told as not applicable, never as passed; in an update it is a violation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias, cast, get_args

import pulumi
import pulumi_policy as policy
from pulumi_policy.proxy import UnknownValueError

from stacks.policies.graph import UNKNOWN, Graph, Resource, Setting
from stacks.policies.rules import RULES, Rule, judge
from stacks.regions import Continuity
from stacks.settings import Role

Declared: TypeAlias = policy.ResourceValidationArgs | policy.PolicyResource
Args: TypeAlias = policy.ResourceValidationArgs | policy.StackValidationArgs

NAME = "contact-centre"


def policies() -> list[policy.Policy]:
    """One policy for each rule, of the same name."""
    return [_alone(rule) if rule.alone else _beside_others(rule) for rule in RULES]


def setting() -> Setting:
    """What the stack under judgement is configured with, which the engine hands to a pack as to a program.

    Raises:
        pulumi.ConfigMissingError: a key that rules need is not set.
        ValueError: the role or the continuity model is none that there is.
    """
    config = pulumi.Config()
    role, continuity = config.require("role"), config.get("continuity") or "global-resiliency"
    for value, known in ((role, get_args(Role)), (continuity, get_args(Continuity))):
        if value not in known:
            raise ValueError(f"{value!r} is none of {', '.join(known)}")
    return Setting(
        role=cast("Role", role),
        primary=config.require("primary_region"),
        standby=config.require("standby_region"),
        continuity=cast("Continuity", continuity),
    )


def _alone(rule: Rule) -> policy.Policy:
    def validate(args: policy.ResourceValidationArgs, report: policy.ReportViolation) -> None:
        _tell(rule, [_resource(args)], args, report)

    return policy.ResourceValidationPolicy(validate=validate, **_described(rule))


def _beside_others(rule: Rule) -> policy.Policy:
    def validate(args: policy.StackValidationArgs, report: policy.ReportViolation) -> None:
        _tell(rule, [_resource(each) for each in args.resources], args, report)

    return policy.StackValidationPolicy(validate=validate, **_described(rule))


def _described(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "description": f"{rule.description}. {rule.reason}",
        "enforcement_level": policy.EnforcementLevel.MANDATORY,
        "remediation_steps": rule.remedy,
    }


def _tell(rule: Rule, resources: Iterable[Resource], args: Args, report: policy.ReportViolation) -> None:
    found = judge(Graph(setting(), tuple(resources)), (rule,))
    told = [finding for finding in found if finding.decided or not pulumi.runtime.is_dry_run()]
    for finding in told:
        report(f"{finding.says}: {rule.remedy}", finding.urn)
    if found and not told:
        args.not_applicable("; ".join(finding.says for finding in found))


def _resource(declared: Declared) -> Resource:
    props = _plain(declared.props)
    return Resource(
        urn=declared.urn,
        type=declared.resource_type,
        name=declared.name,
        props=props,
        region=_region(declared, props),
        parent=_parent(declared),
        dependencies=_dependencies(declared),
        ignore_changes=frozenset(declared.opts.ignore_changes),
        protect=declared.opts.protect,
    )


def _region(declared: Declared, props: Mapping[str, Any]) -> str:
    """Its own property wins over its provider's (pulumi-aws 7, enhanced Region support)."""
    own = props.get("region")
    if isinstance(own, str):
        return own
    return str(_plain(declared.provider.props).get("region", "")) if declared.provider else ""


def _parent(declared: Declared) -> str:
    if isinstance(declared, policy.PolicyResource):
        return declared.parent.urn if declared.parent else ""
    return declared.opts.parent or ""


def _dependencies(declared: Declared) -> tuple[str, ...]:
    if isinstance(declared, policy.ResourceValidationArgs):
        return ()
    by_property = (each for found in declared.property_dependencies.values() for each in found)
    return tuple(dict.fromkeys(each.urn for each in (*declared.dependencies, *by_property)))


def _plain(value: Any) -> Any:
    """Values without the pack's proxies, which raise when an unknown one is read."""
    if isinstance(value, Mapping):
        return {key: _item(value, key) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_item(value, index) for index in range(len(value))]
    return value


def _item(held: Any, key: Any) -> Any:
    try:
        return _plain(held[key])
    except UnknownValueError:
        return UNKNOWN
