"""Agents: which queues they serve while an incident lasts, and afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, TypedDict

from orchestrator.actions.answers import known, listed
from orchestrator.model.actions import Call, Expected, Provenance, Setting
from orchestrator.model.parameters import Doc, Region

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchestrator.model.values import Json

USERS_PER_PAGE = 500
GONE = ""
"""The profile of an agent who no longer exists."""


class AgentGroup(TypedDict):
    """Agents who move together, as the inventory names them (`model.inventory.AgentGroup`)."""

    user_ids: list[str]
    normal_profile: str
    incident_profile: str


@dataclass(frozen=True)
class IncidentRoutingParams:
    """Parameters of `agents.incident_routing`."""

    region: Annotated[Region, Doc("where the agents' profiles are changed: a Region that lives")]
    instance: Annotated[str, Doc("instance id")]
    group: Annotated[AgentGroup, Doc("an agent group of the inventory")]


class IncidentRouting(Setting[IncidentRoutingParams]):
    """The routing profile of each agent of a group. One call an agent, paced at the service's two a second.

    A resume looks first and goes on with those still on another profile. An agent who no longer exists is reported and
    left out; a group of whom nobody exists is never settled.

    Source: Connect API reference, UpdateUserRoutingProfile and SearchUsers (at most 500 users a page); Administrator
    Guide, "Amazon Connect API throttling quotas" (2 a second, 5 at once).
    """

    name = "agents.incident_routing"
    summary = "give every agent of a group the group's incident routing profile"
    Params = IncidentRoutingParams
    expected = Expected(30.0, Provenance.DOCUMENTED, "2 calls a second")
    subject_params: ClassVar[tuple[str, ...]] = ("instance", "group")

    @classmethod
    def expect(cls, params: IncidentRoutingParams) -> Expected:
        """The service takes two a second."""
        return Expected(len(params.group["user_ids"]) / 2 + 2, Provenance.DOCUMENTED, "2 calls a second")

    @classmethod
    def calls(cls, params: IncidentRoutingParams) -> tuple[Call, ...]:
        """Read in pages, write one by one."""
        return (
            Call("connect", "SearchUsers", params.region),
            Call("connect", "UpdateUserRoutingProfile", params.region, write=True),
        )

    def subject(self, params: IncidentRoutingParams) -> str:
        """The group's routing profiles, named by its profiles (groups have no id of their own)."""
        group = params.group
        return f"connect:agents-routing:{params.instance}:{group['normal_profile']}:{group['incident_profile']}"

    def observe(self, params: IncidentRoutingParams) -> Json:
        """`{user id: routing profile id}` of the group's agents; one who no longer exists has an empty profile.

        Raises:
            ServiceTrouble: a user is answered without an id, or one of ours without a routing profile.
        """
        looked = self.calls(params)[0]
        profiles = dict.fromkeys(params.group["user_ids"], GONE)
        connect = self.cloud.client("connect", params.region)
        for user in listed(
            connect, "search_users", "Users", InstanceId=params.instance, MaxResults=USERS_PER_PAGE
        ):  # fmt: skip
            found = known(user, "Id", "a user", looked)
            if found in profiles:
                profiles[found] = known(user, "RoutingProfileId", f"user {found}", looked)
        return profiles

    def target(self, params: IncidentRoutingParams, before: Json) -> Json:
        """Everybody on the incident profile."""
        return dict.fromkeys(before, params.group["incident_profile"])

    def parts(self, params: IncidentRoutingParams, before: Json, target: Json) -> Sequence[Json]:  # noqa: ARG002
        """The agents whose profile differs, in a fixed order."""
        differ = (user for user in sorted(target) if before.get(user) != target[user])
        return [{"user": user, "profile": target[user]} for user in differ]

    def write(self, params: IncidentRoutingParams, part: Json) -> None:
        """One agent.

        Raises:
            NotFound: the agent no longer exists.
        """
        self.cloud.client("connect", params.region).update_user_routing_profile(
            InstanceId=params.instance, UserId=part["user"], RoutingProfileId=part["profile"]
        )

    def settled(self, params: IncidentRoutingParams, target: Json, now: Json) -> bool:  # noqa: ARG002
        """Every agent who exists has the profile."""
        return all(profile in (GONE, target.get(user)) for user, profile in now.items()) and (
            any(now.values()) or not now
        )


class NormalRouting(IncidentRouting):
    """The same setting the other way: each agent of a group on the group's normal routing profile.

    Source: as `agents.incident_routing`.
    """

    name = "agents.normal_routing"
    summary = "give every agent of a group the group's normal routing profile again"

    def target(self, params: IncidentRoutingParams, before: Json) -> Json:
        """Everybody on the normal profile."""
        return dict.fromkeys(before, params.group["normal_profile"])
