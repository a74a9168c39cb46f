"""One name that desktops of both sides are reached by: a connection alias in each Region, of one connection string.

AWS offers more than Pulumi declares: an alias leads nowhere until it is associated with the side's directory
(`aws workspaces associate-connection-alias`), which answers with the identifier for the name's TXT records. There is no
resource for that, nor can an alias be moved by an `up`: see docs/platform-engineers.md.

Source: WorkSpaces Administration Guide, "Cross-Region redirection for WorkSpaces Personal".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from stacks.settings import SettingsRefused

if TYPE_CHECKING:
    from stacks.settings import Source

_NAME = re.compile(r"(?=.{1,255}$)([a-z0-9-]+\.)+[a-z]{2,}")


def desktop_sign_in(source: Source) -> str:
    """From `desktop_sign_in`: a name under a zone of your own, or empty.

    Raises:
        SettingsRefused: it is no name.
    """
    name = source.get("desktop_sign_in") or ""
    if name and not _NAME.fullmatch(name):
        raise SettingsRefused([f"desktop_sign_in: {name!r} is no full domain name in small letters"])
    return name


class DesktopSignIn(pulumi.ComponentResource):
    """The alias of one side."""

    def __init__(self, name: str, *, opts: pulumi.ResourceOptions) -> None:
        super().__init__("contact-centre:stacks:DesktopSignIn", "desktop-sign-in", None, opts)
        self.alias = aws.workspaces.ConnectionAlias(
            "desktops",
            connection_string=name,
            # Once deleted, a connection string stays with the account that had it, and can be had back by it alone.
            opts=pulumi.ResourceOptions(parent=self, protect=True),
        )
        self.register_outputs({})
