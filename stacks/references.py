"""What a role takes from the stacks of the other roles, once these are known to be of the same contact centre."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi

from stacks import exports
from stacks.settings import SettingsRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stacks.settings import ReplicaSettings, Settings


class Stacks:
    """The other roles' outputs. Each stack is referred to once: a reference is a resource, and no two have one name."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._found: dict[str, pulumi.Output[dict[str, Any]]] = {}

    @property
    def neither(self) -> pulumi.Output[dict[str, Any]]:
        """The outputs of `global`; an `up` fails if it is configured for others than this role."""
        return self._outputs("global").apply(lambda theirs: agreed(self._settings, theirs))

    @property
    def primary(self) -> pulumi.Output[dict[str, Any]]:
        """The outputs of `primary`."""
        return self._outputs("primary")

    def _outputs(self, role: str) -> pulumi.Output[dict[str, Any]]:
        if role not in self._found:
            name = f"{pulumi.get_organization()}/{pulumi.get_project()}/{role}"
            self._found[role] = pulumi.StackReference(name).outputs
        return self._found[role]


def agreed(settings: Settings, neither: dict[str, Any]) -> dict[str, Any]:
    """The outputs of `global`, if it is configured as this role is.

    Raises:
        SettingsRefused: with each key in which it is not.
    """
    both = (
        ("primary_region, standby_region", settings.regions._asdict(), neither["regions"]),
        ("continuity", settings.continuity, exports.continuity(neither)),
    )
    faults = [
        f"{keys}: {ours} here, {theirs} in the global stack; make them the same"
        for keys, ours, theirs in both
        if ours != theirs
    ]
    if faults:
        raise SettingsRefused(faults)
    return neither


def same_instance(settings: ReplicaSettings, primary: Mapping[str, Any]) -> str:
    """The instance's id, if it is the one of `primary`'s outputs.

    Raises:
        SettingsRefused: the replica was prepared for another one.
    """
    theirs = primary[exports.KEY]["connect"]["instance_id"]
    if theirs != settings.instance_id:
        raise SettingsRefused(
            [f"instance_id: prepared for {settings.instance_id}, primary is {theirs}; execute prepare-standby"]
        )
    return settings.instance_id
