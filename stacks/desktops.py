"""Desktops of remote agents: one WorkSpace for each, stopped until an emergency starts it.

The directory is the company's own and is registered with WorkSpaces before; it holds the agents by the user names that
they have in Connect. AWS mirrors no desktop: each side declares its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

from stacks import names

if TYPE_CHECKING:
    from stacks.settings import RemoteSettings

# Paid by the hour, and not at all for its hours while it is stopped; it stops an hour after its user has left.
_STOPS_AFTER_MIN = 60


class Desktops(pulumi.ComponentResource):
    """All desktops of one side; none where none are configured."""

    def __init__(self, settings: RemoteSettings | None, *, opts: pulumi.ResourceOptions) -> None:
        super().__init__("contact-centre:stacks:Desktops", "desktops", None, opts)
        self._settings = settings
        # `desktops.running_mode` keeps them running in an emergency; an `up` in the middle of one must not stop them.
        self._within = pulumi.ResourceOptions(parent=self, ignore_changes=["workspace_properties"])
        self.workspaces = [self._workspace(settings, user) for user in _users(settings)] if settings else []
        self.register_outputs({})

    def described(self) -> dict[str, Any]:
        """The inventory's part of desktops."""
        if self._settings is None:
            return {}
        return {"directory_id": self._settings.directory_id, "ids": [each.id for each in self.workspaces]}

    def _workspace(self, settings: RemoteSettings, user: str) -> aws.workspaces.Workspace:
        return aws.workspaces.Workspace(
            f"desktop-{user}",
            directory_id=settings.directory_id,
            bundle_id=settings.bundle_id,
            user_name=user,
            workspace_properties={
                "running_mode": "AUTO_STOP",
                "running_mode_auto_stop_timeout_in_minutes": _STOPS_AFTER_MIN,
            },
            opts=self._within,
        )


def _users(settings: RemoteSettings) -> list[str]:
    return [names.agent(group.name, number) for group in settings.groups for number in range(1, group.count + 1)]
