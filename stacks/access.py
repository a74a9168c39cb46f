"""The roles that people take: who may take each, for how long, and the least that it may do (`config/policies`).

`recovery` runs the recovery runbooks; `stand-in` looks, for whoever is away; `break-glass` may run every runbook, when
nobody else can.

Laws:
- What a role may do is computed from the runbooks (`failover policy --all`); here its placeholders are filled in.
- Only principals of this account may take it, and only those that the configuration names: never a whole account.
- Stand-in and break-glass ask for a second factor. Only a user of IAM can show one: a session that single sign-on
  opened has none in it (IAM User Guide, "Configuring MFA-protected API access"), so such roles take users alone. That
  is what they are for: single sign-on may be gone too.
- A placeholder without a value is refused; one whose value is empty (no traffic distribution group where instances are
  independent) takes its resource away, and a statement without any resource left with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pulumi
import pulumi_aws as aws

from stacks import names
from stacks.settings import SettingsRefused

if TYPE_CHECKING:
    from pathlib import Path

    from stacks.settings import Source

SESSION_HOURS: Final = 12
"""IAM's longest session of a role (API reference, CreateRole: MaxSessionDuration, 3,600 to 43,200 s)."""

_PRINCIPAL = re.compile(r"(role|user)/[\w+=,.@/-]+")
_USER = re.compile(r"user/[\w+=,.@/-]+")
_PLACEHOLDER = re.compile(r"\$\{([a-z]\w*(?:\.[\w-]+)*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """What a role is for. `hours` is a session's, if the configuration says nothing; `hours_most`, whatever it says."""

    name: str
    says: str
    hours: int
    hours_most: int
    mfa: bool

    @property
    def key(self) -> str:
        """What its keys in the configuration begin with."""
        return self.name.replace("-", "_")


# Whoever takes a role from within another role gets one hour, whatever is set.
RECOVERY: Final = Duty(name="recovery", says="Runs the recovery runbooks", hours=4, hours_most=SESSION_HOURS, mfa=False)
STAND_IN: Final = Duty(name="stand-in", says="Looks, and changes nothing", hours=4, hours_most=SESSION_HOURS, mfa=True)
BREAK_GLASS: Final = Duty(
    name="break-glass", says="Runs every runbook when nobody else can", hours=1, hours_most=1, mfa=True
)
DUTIES: Final = (RECOVERY, STAND_IN, BREAK_GLASS)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessSettings:
    """Who may take a role: `role/…` and `user/…` of this account; and for how long at a time."""

    duty: Duty
    principals: tuple[str, ...]
    session_hours: int


def access_settings(source: Source) -> tuple[AccessSettings, ...]:
    """From `<duty>_principals` and `<duty>_session_hours`; without the first there is no role for the duty.

    Raises:
        SettingsRefused: with every fault.
    """
    faults: list[str] = []
    found = [_of_duty(duty, source, faults) for duty in DUTIES]
    if faults:
        raise SettingsRefused(faults)
    return tuple(each for each in found if each is not None)


def _of_duty(duty: Duty, source: Source, faults: list[str]) -> AccessSettings | None:
    who, how_long = f"{duty.key}_principals", f"{duty.key}_session_hours"
    named, hours = source.get_object(who), source.get_object(how_long)
    if named is None:
        return None
    pattern, allowed = (_USER, "user/…") if duty.mfa else (_PRINCIPAL, "role/… and user/…")
    if not isinstance(named, list) or not named:
        faults.append(f"{who}: not a list of {allowed} of this account")
        named = []
    faults += [
        f"{who}: {each!r} is none of {allowed} of this account"
        for each in named
        if not isinstance(each, str) or not pattern.fullmatch(each)
    ]
    hours = duty.hours if hours is None else hours
    if isinstance(hours, bool) or not isinstance(hours, int) or not 1 <= hours <= duty.hours_most:
        faults.append(f"{how_long}: {hours!r} is not a whole number from 1 to {duty.hours_most}")
    return AccessSettings(duty=duty, principals=tuple(sorted(set(map(str, named)))), session_hours=hours)


class Access(pulumi.ComponentResource):
    """A role and its one policy. IAM is global, so one of them serves both sides of one account."""

    def __init__(
        self,
        application: str,
        *,
        settings: AccessSettings,
        account: pulumi.Input[str],
        documents: Path,
        values: Mapping[str, pulumi.Input[Any]],
        opts: pulumi.ResourceOptions,
    ) -> None:
        """Declare them.

        Args:
            application: begins the role's name.
            settings: for what, who, and for how long.
            account: this account's number.
            documents: the folder of the policies with their placeholders.
            values: `partition`, `global`, `primary` and `standby`, the last three as the stacks export them.
            opts: the provider.
        """
        duty = settings.duty
        super().__init__("contact-centre:stacks:Access", f"{duty.name}-access", None, opts)
        self._within = pulumi.ResourceOptions(parent=self)
        known = pulumi.Output.all(account=account, values=pulumi.Output.from_input(dict(values)))
        self.role = self._role(application, settings, known)
        policy = json.loads((documents / f"{duty.name}.json").read_text(encoding="utf-8"))
        aws.iam.RolePolicy(
            duty.name,
            name=duty.name,
            role=self.role.name,
            policy=known.apply(lambda found: json.dumps(filled(policy, found["values"]))),
            opts=self._within,
        )
        self.register_outputs({})

    def _role(
        self, application: str, settings: AccessSettings, known: pulumi.Output[Mapping[str, Any]]
    ) -> aws.iam.Role:
        return aws.iam.Role(
            settings.duty.name,
            name=names.people_role(application, settings.duty.name),
            description=settings.duty.says,
            assume_role_policy=known.apply(
                lambda found: _trust(settings, found["account"], found["values"]["partition"])
            ),
            max_session_duration=settings.session_hours * 3_600,
            opts=self._within,
        )


def filled(policy: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The policy with every placeholder's value, each resource once.

    Raises:
        SettingsRefused: with every placeholder that has none.
    """
    text = json.dumps(policy)
    absent = sorted({path for path in _PLACEHOLDER.findall(text) if _at(path, values) is None})
    if absent:
        raise SettingsRefused([f"a policy names {path}, which nothing exports" for path in absent])
    statements = (_statement(each, values) for each in policy["Statement"])
    return {**policy, "Statement": [each for each in statements if each["Resource"]]}


def _statement(statement: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    told = {**statement, "Resource": _each(statement["Resource"], values)}
    if "Condition" in statement:
        told["Condition"] = {
            test: {key: _each(wanted, values) for key, wanted in keys.items()}
            for test, keys in statement["Condition"].items()
        }
    return told


def _each(patterns: list[str], values: Mapping[str, Any]) -> list[str]:
    """Filled in, each once, in their order; those of which a part is empty are left out."""
    whole = [each for each in patterns if all(_at(path, values) for path in _PLACEHOLDER.findall(each))]
    return list(dict.fromkeys(_PLACEHOLDER.sub(lambda found: str(_at(found[1], values)), each) for each in whole))


def _at(path: str, values: Mapping[str, Any]) -> Any:
    """The value at a path, or None."""
    here: Any = values
    for key in path.split("."):
        here = here.get(key) if isinstance(here, Mapping) else None
    return here


def _trust(settings: AccessSettings, account: str, partition: str) -> str:
    principals = [f"arn:{partition}:iam::{account}:{each}" for each in settings.principals]
    # A source identity stays with the session through every further role: the audit trail keeps the person's name.
    actions = ["sts:AssumeRole", "sts:SetSourceIdentity"]
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": {"AWS": principals}, "Action": actions}
    if settings.duty.mfa:
        statement["Condition"] = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
