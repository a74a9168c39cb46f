"""Security profiles: what agents, those who stand in for them, and supervisors may do in Connect. The least of each.

Source: Amazon Connect Administrator Guide, "List of security profile permissions" (API names).
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

import pulumi
import pulumi_aws as aws

if TYPE_CHECKING:
    from collections.abc import Mapping

AGENT: Final = "agent"
STAND_IN: Final = "stand-in"
SUPERVISOR: Final = "supervisor"


class Profile(NamedTuple):
    """What a profile is for, and its permissions."""

    description: str
    permissions: tuple[str, ...]


# To take contacts, and to see the quick connects that they may be transferred to.
_TAKES_CONTACTS = ("BasicAgentAccess", "TransferDestinations.View")

PROFILES: Final[Mapping[str, Profile]] = MappingProxyType(
    {
        AGENT: Profile("Takes contacts, transfers them, calls out", (*_TAKES_CONTACTS, "OutboundCallAccess")),
        # Somebody from another department, on a bad day: answers, hands on, and has no reason to call anybody.
        STAND_IN: Profile("Takes contacts in an incident, and transfers them", _TAKES_CONTACTS),
        # Sees how the floor does and listens in; what is configured is changed by the stacks and by runbooks.
        SUPERVISOR: Profile(
            "Watches queues and agents, listens in, takes contacts",
            (
                *_TAKES_CONTACTS,
                "AccessMetrics.RealTimeMetrics.Access",
                "AgentStates.View",
                "ManagerListenIn",
                "Queues.View",
                "RoutingPolicies.View",
                "Users.View",
            ),
        ),
    }
)


class SecurityProfiles(pulumi.ComponentResource):
    """One of each in `PROFILES`."""

    def __init__(self, instance_id: pulumi.Input[str], *, opts: pulumi.ResourceOptions) -> None:
        super().__init__("contact-centre:stacks:SecurityProfiles", "security-profiles", None, opts)
        within = pulumi.ResourceOptions(parent=self)
        self.by_name = {
            name: aws.connect.SecurityProfile(
                name,
                name=f"contact-centre-{name}",
                description=profile.description,
                instance_id=instance_id,
                permissions=list(profile.permissions),
                opts=within,
            )
            for name, profile in PROFILES.items()
        }
        self.register_outputs({})

    def described(self) -> dict[str, pulumi.Output[str]]:
        """The inventory's table."""
        return {name: profile.security_profile_id for name, profile in self.by_name.items()}
