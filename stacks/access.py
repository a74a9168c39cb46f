"""The role that recovers: who may take it, for how long, and the least that it may do (`config/policies`).

Laws:
- What the role may do is computed from the runbooks (`failover policy --all`); here its placeholders are filled in.
- Only principals of this account may take it, and only those that the configuration names: never a whole account.
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

from stacks.settings import SettingsRefused

if TYPE_CHECKING:
    from pathlib import Path

    from stacks.settings import Source

SESSION_HOURS: Final = range(1, 13)
"""What IAM takes as a role's longest session (API reference, CreateRole: MaxSessionDuration, 3,600 to 43,200 s)."""
DEFAULT_HOURS: Final = 4
"""A recovery and the watch after it; who takes the role from within another role gets one hour, whatever is set."""

_PRINCIPAL = re.compile(r"(role|user)/[\w+=,.@/-]+")
_PLACEHOLDER = re.compile(r"\$\{([a-z]\w*(?:\.[\w-]+)*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessSettings:
    """Who may take the role: `role/…` and `user/…` of this account; and for how long at a time."""

    principals: tuple[str, ...]
    session_hours: int = DEFAULT_HOURS


def access_settings(source: Source) -> AccessSettings | None:
    """From `recovery_principals` and `recovery_session_hours`; without the first there is no role.

    Raises:
        SettingsRefused: with every fault.
    """
    named = source.get_object("recovery_principals")
    hours = source.get_object("recovery_session_hours")
    if named is None:
        return None
    faults = []
    if not isinstance(named, list) or not named:
        faults.append("recovery_principals: not a list of role/… and user/… of this account")
    else:
        faults += [
            f"recovery_principals: {each!r} is neither role/… nor user/… of this account"
            for each in named
            if not isinstance(each, str) or not _PRINCIPAL.fullmatch(each)
        ]
    if hours is not None and (isinstance(hours, bool) or not isinstance(hours, int) or hours not in SESSION_HOURS):
        faults.append(f"recovery_session_hours: {hours!r} is not a whole number from 1 to 12")
    if faults:
        raise SettingsRefused(faults)
    return AccessSettings(principals=tuple(sorted(set(named))), session_hours=DEFAULT_HOURS if hours is None else hours)


class RecoveryAccess(pulumi.ComponentResource):
    """The role and its one policy. IAM is global, so one of them serves both sides of one account."""

    def __init__(
        self,
        application: str,
        *,
        settings: AccessSettings,
        account: pulumi.Input[str],
        document: Path,
        values: Mapping[str, pulumi.Input[Any]],
        opts: pulumi.ResourceOptions,
    ) -> None:
        """Declare them.

        Args:
            application: begins the role's name.
            settings: who, and for how long.
            account: this account's number.
            document: the policy with its placeholders.
            values: `partition`, `global`, `primary` and `standby`, the last three as the stacks export them.
            opts: the provider.
        """
        super().__init__("contact-centre:stacks:RecoveryAccess", "recovery-access", None, opts)
        self._within = pulumi.ResourceOptions(parent=self)
        known = pulumi.Output.all(account=account, values=pulumi.Output.from_input(dict(values)))
        self.role = self._role(application, settings, known)
        policy = json.loads(document.read_text(encoding="utf-8"))
        aws.iam.RolePolicy(
            "recovery",
            name="recovery",
            role=self.role.name,
            policy=known.apply(lambda found: json.dumps(filled(policy, found["values"]))),
            opts=self._within,
        )
        self.register_outputs({})

    def _role(
        self, application: str, settings: AccessSettings, known: pulumi.Output[Mapping[str, Any]]
    ) -> aws.iam.Role:
        return aws.iam.Role(
            "recovery",
            name=f"{application}-recovery",
            description="Runs the recovery runbooks",
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
        raise SettingsRefused([f"the recovery policy names {path}, which nothing exports" for path in absent])
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
    statement = {"Effect": "Allow", "Principal": {"AWS": principals}, "Action": actions}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
