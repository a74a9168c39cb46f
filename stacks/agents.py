"""Agents: security profiles, two routing profiles for each group (normal, incident), and fictional users."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

from stacks import names
from stacks.security import AGENT, SecurityProfiles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stacks.settings import AgentGroupSettings

# Users are fictional. Real ones come from the identity provider, not from this program.
_FIRST_NAMES = ("Ada", "Bao", "Carla", "Dev", "Elif", "Femi", "Greta", "Hugo", "Ines", "Jun", "Kofi", "Lena")
_LAST_NAMES = ("Example", "Sample", "Specimen", "Placeholder", "Fiction", "Stand-In", "Nobody")

# Seconds to write a call up before the next one may come.
_AFTER_CALL_WORK_S = 60


@dataclass(frozen=True, slots=True)
class Group:
    """A group as built."""

    users: list[aws.connect.User]
    normal: aws.connect.RoutingProfile
    incident: aws.connect.RoutingProfile


class Agents(pulumi.ComponentResource):
    """Everything about agents that AWS mirrors."""

    def __init__(
        self,
        instance_id: pulumi.Input[str],
        *,
        groups: tuple[AgentGroupSettings, ...],
        queues: Mapping[str, aws.connect.Queue],
        overflow: str,
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("contact-centre:stacks:Agents", "agents", None, opts)
        self._within = pulumi.ResourceOptions(parent=self)
        self._instance_id = instance_id
        self._queues, self._overflow = queues, overflow
        self.security_profiles = SecurityProfiles(instance_id, opts=self._within)
        self.groups = {group.name: self._group(group) for group in groups}
        self.register_outputs({})

    def described(self) -> dict[str, Any]:
        """The inventory's tables of profiles and agent groups."""
        return {
            "security_profiles": self.security_profiles.described(),
            "routing_profiles": {
                f"{name}-{when}": profile.routing_profile_id
                for name, group in self.groups.items()
                for when, profile in (("normal", group.normal), ("incident", group.incident))
            },
            "agent_groups": {
                name: {
                    "user_ids": [user.user_id for user in group.users],
                    "normal_profile": group.normal.routing_profile_id,
                    "incident_profile": group.incident.routing_profile_id,
                }
                for name, group in self.groups.items()
            },
        }

    def _group(self, group: AgentGroupSettings) -> Group:
        normal = self._profile(f"{group.name}-normal", group.queues)
        # Own queues first, then all others: in an incident nobody waits beside an idle agent. Overflow comes last.
        every = dict.fromkeys([*group.queues, *self._queues])
        incident = self._profile(f"{group.name}-incident", sorted(every, key=lambda name: name == self._overflow))
        users = [self._user(group, number, normal) for number in range(1, group.agents + 1)]
        return Group(users=users, normal=normal, incident=incident)

    def _profile(self, name: str, serves: list[str]) -> aws.connect.RoutingProfile:
        built = [self._queues[queue] for queue in serves if queue in self._queues]
        return aws.connect.RoutingProfile(
            name,
            name=name,
            description=f"Serves {', '.join(serves)}",
            instance_id=self._instance_id,
            # Required by AWS also for agents whose queues do not exist: any queue will do for calls out.
            default_outbound_queue_id=(built or list(self._queues.values()))[0].queue_id,
            media_concurrencies=[{"channel": "VOICE", "concurrency": 1}],
            queue_configs=[
                {"channel": "VOICE", "delay": 0, "priority": priority, "queue_id": queue.queue_id}
                for priority, queue in enumerate(built, start=1)
            ],
            opts=self._within,
        )

    def _user(self, group: AgentGroupSettings, number: int, normal: aws.connect.RoutingProfile) -> aws.connect.User:
        name = names.agent(group.name, number)
        return aws.connect.User(
            name,
            name=name,
            instance_id=self._instance_id,
            routing_profile_id=normal.routing_profile_id,
            security_profile_ids=[self.security_profiles.by_name[AGENT].security_profile_id],
            identity_info={
                "first_name": _FIRST_NAMES[(number - 1) % len(_FIRST_NAMES)],
                "last_name": _LAST_NAMES[(number - 1) // len(_FIRST_NAMES) % len(_LAST_NAMES)],
            },
            phone_config={
                "phone_type": group.phone,
                "after_contact_work_time_limit": _AFTER_CALL_WORK_S,
                "desk_phone_number": _fictional(number) if group.phone == "DESK_PHONE" else None,
            },
            # `agents.incident_routing` moves agents between profiles, `agents.phone_config` gives them other phones; an
            # `up` must not send them back.
            opts=pulumi.ResourceOptions.merge(
                self._within, pulumi.ResourceOptions(ignore_changes=["routing_profile_id", "phone_config"])
            ),
        )


def _fictional(number: int) -> str:
    """A number that belongs to nobody: 555-0100 to 555-0199 are kept for fiction."""
    return f"+1206555{100 + number % 100:04}"
