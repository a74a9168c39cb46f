"""Preparing the standby: replica, traffic distribution group, its agents and numbers. All in the *source* Region.

These operations exist only where the original instance lives, so they belong to `prepare-standby`, never to a recovery.
Pulumi has no resource for the first two, and the numbers' targets have two owners (docs/adr/0006).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from orchestrator.model.actions import Call, Expected, Provenance, Setting
from orchestrator.model.errors import Rejected
from orchestrator.model.parameters import Doc, Region

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from orchestrator.model.values import Json

_COMPLETE = "INSTANCE_REPLICATION_COMPLETE"


@dataclass(frozen=True)
class ReplicateInstanceParams:
    """Parameters of `connect.replicate_instance`."""

    region: Annotated[Region, Doc("the source Region, where the instance lives")]
    instance: Annotated[str, Doc("instance id")]
    replica_region: Annotated[Region, Doc("the Region that AWS pairs with it")]
    alias: Annotated[str, Doc("alias of the replica, unique in AWS")]


class ReplicateInstance(Setting[ReplicateInstanceParams]):
    """A replica of the instance in the paired Region, with the same id. AWS must have granted Global Resiliency."""

    name = "connect.replicate_instance"
    summary = "replicate the instance to its paired Region and wait until that is complete"
    Params = ReplicateInstanceParams
    interval_s = 60.0
    expected = Expected(3_600.0, Provenance.ASSUMED, "hours, by practitioners' reports")
    one_way = "only AWS Support can delete a replica"

    @classmethod
    def calls(cls, params: ReplicateInstanceParams) -> tuple[Call, ...]:
        """Read and write at the source."""
        return (
            Call("connect", "DescribeInstance", params.region),
            Call("connect", "ReplicateInstance", params.region, write=True),
        )

    def subject(self, params: ReplicateInstanceParams) -> str:
        """The instance's replica in that Region."""
        return f"connect:replica:{params.instance}:{params.replica_region}"

    def observe(self, params: ReplicateInstanceParams) -> Json:
        """The replication status, or `absent`."""
        found = self.cloud.client("connect", params.region).describe_instance(InstanceId=params.instance)
        listed = found.get("ReplicationConfiguration", {}).get("ReplicationStatusSummaryList", [])
        states = {one["Region"]: one["ReplicationStatus"] for one in listed}
        return states.get(params.replica_region, "absent")

    def target(self, params: ReplicateInstanceParams, before: Json) -> Json:  # noqa: ARG002
        """Complete."""
        return _COMPLETE

    def parts(self, params: ReplicateInstanceParams, before: Json, target: Json) -> Sequence[Json]:  # noqa: ARG002
        """Nothing to write while a replication is under way."""
        return () if before == "INSTANCE_REPLICATION_IN_PROGRESS" else (target,)

    def write(self, params: ReplicateInstanceParams, part: Json) -> None:  # noqa: ARG002
        """Ask for the replica."""
        self.cloud.client("connect", params.region).replicate_instance(
            InstanceId=params.instance, ReplicaRegion=params.replica_region, ReplicaAlias=params.alias
        )


@dataclass(frozen=True)
class TrafficGroupParams:
    """Parameters of `connect.traffic_group`."""

    region: Annotated[Region, Doc("the source Region")]
    instance: Annotated[str, Doc("instance id; its replication must be complete")]
    name: Annotated[str, Doc("name of the group, unique in the instance")]


class TrafficGroup(Setting[TrafficGroupParams]):
    """A traffic distribution group beside the default one. Its value after carries both ARNs (`arn`, `default_arn`)."""

    name = "connect.traffic_group"
    summary = "create a traffic distribution group in the source Region and wait until it is active"
    Params = TrafficGroupParams
    deadline_s: ClassVar[float | None] = 1_800.0
    interval_s = 15.0
    expected = Expected(120.0, Provenance.ASSUMED, "minutes, by practitioners' reports")
    one_way = "numbers and agents come to hang on the group: delete an unused one by hand"

    @classmethod
    def calls(cls, params: TrafficGroupParams) -> tuple[Call, ...]:
        """Read and write at the source."""
        return (
            Call("connect", "ListTrafficDistributionGroups", params.region),
            Call("connect", "CreateTrafficDistributionGroup", params.region, write=True),
        )

    def subject(self, params: TrafficGroupParams) -> str:
        """The group by its name."""
        return f"connect:traffic-group:{params.instance}:{params.name}"

    def observe(self, params: TrafficGroupParams) -> Json:
        """`{"status", "arn", "default_arn"}`; status `absent` where there is none."""
        connect = self.cloud.client("connect", params.region)
        listed = list(
            _paged(
                lambda more: connect.list_traffic_distribution_groups(InstanceId=params.instance, **more),
                "TrafficDistributionGroupSummaryList",
            )
        )
        ours = next((one for one in listed if one["Name"] == params.name), {})
        default = next((one for one in listed if one.get("IsDefault")), {})
        return {
            "status": ours.get("Status", "absent"),
            "arn": ours.get("Arn", ""),
            "default_arn": default.get("Arn", ""),
        }

    def target(self, params: TrafficGroupParams, before: Json) -> Json:  # noqa: ARG002
        """Active."""
        return {"status": "ACTIVE"}

    def parts(self, params: TrafficGroupParams, before: Json, target: Json) -> Sequence[Json]:  # noqa: ARG002
        """Nothing to write while the group is being created."""
        return (target,) if before["status"] == "absent" else ()

    def write(self, params: TrafficGroupParams, part: Json) -> None:  # noqa: ARG002
        """Create it."""
        self.cloud.client("connect", params.region).create_traffic_distribution_group(
            Name=params.name, InstanceId=params.instance
        )

    def settled(self, params: TrafficGroupParams, target: Json, now: Json) -> bool:  # noqa: ARG002
        """Active, whatever its ARN."""
        return bool(now["status"] == target["status"])


@dataclass(frozen=True)
class TrafficGroupAgentsParams:
    """Parameters of `connect.traffic_group_agents`."""

    region: Annotated[Region, Doc("the source Region")]
    instance: Annotated[str, Doc("instance id")]
    group: Annotated[str, Doc("the group's ARN")]
    users: Annotated[tuple[str, ...], Doc("user ids that the group's agent share is to move")]


class TrafficGroupAgents(Setting[TrafficGroupAgentsParams]):
    """The agents whom a group's agent share moves. One call an agent, paced; members are never taken out."""

    name = "connect.traffic_group_agents"
    summary = "associate agents with a traffic distribution group"
    Params = TrafficGroupAgentsParams
    deadline_s: ClassVar[float | None] = 3_600.0
    expected = Expected(30.0, Provenance.DOCUMENTED, "2 calls a second")
    one_way = "members are never taken out"

    @classmethod
    def expect(cls, params: TrafficGroupAgentsParams) -> Expected:
        """The service takes two a second."""
        return Expected(len(params.users) / 2 + 1, Provenance.DOCUMENTED, "2 calls a second")

    @classmethod
    def calls(cls, params: TrafficGroupAgentsParams) -> tuple[Call, ...]:
        """Read and write at the source."""
        return (
            Call("connect", "ListTrafficDistributionGroupUsers", params.region),
            Call("connect", "AssociateTrafficDistributionGroupUser", params.region, write=True),
        )

    def subject(self, params: TrafficGroupAgentsParams) -> str:
        """The group's members."""
        return f"connect:traffic-group-users:{params.group}"

    def observe(self, params: TrafficGroupAgentsParams) -> Json:
        """User ids, sorted."""
        connect = self.cloud.client("connect", params.region)
        listed = _paged(
            lambda more: connect.list_traffic_distribution_group_users(TrafficDistributionGroupId=params.group, **more),
            "TrafficDistributionGroupUserSummaryList",
        )
        return sorted(one["UserId"] for one in listed)

    def target(self, params: TrafficGroupAgentsParams, before: Json) -> Json:
        """Those there and those asked for."""
        return sorted({*before, *params.users})

    def parts(self, params: TrafficGroupAgentsParams, before: Json, target: Json) -> Sequence[Json]:  # noqa: ARG002
        """The missing ones."""
        return [user for user in target if user not in set(before)]

    def write(self, params: TrafficGroupAgentsParams, part: Json) -> None:
        """Associate one."""
        self.cloud.client("connect", params.region).associate_traffic_distribution_group_user(
            TrafficDistributionGroupId=params.group, UserId=part, InstanceId=params.instance
        )


@dataclass(frozen=True)
class NumberTargetParams:
    """Parameters of `connect.number_target`."""

    region: Annotated[Region, Doc("the number's own Region; a target elsewhere is refused by the service")]
    number: Annotated[str, Doc("phone number id")]
    target: Annotated[str, Doc("ARN of an instance or a traffic distribution group")]


class NumberTarget(Setting[NumberTargetParams]):
    """Where a claimed number leads. Its flow is not taken along: `connect.number_flow` must follow."""

    name = "connect.number_target"
    summary = "point a claimed number at an instance or a traffic distribution group of its own Region"
    Params = NumberTargetParams
    deadline_s: ClassVar[float | None] = 600.0
    interval_s = 10.0
    expected = Expected(30.0, Provenance.ASSUMED, "asynchronous; seconds to minutes")

    @classmethod
    def calls(cls, params: NumberTargetParams) -> tuple[Call, ...]:
        """Read and write in the number's Region."""
        return (
            Call("connect", "DescribePhoneNumber", params.region),
            Call("connect", "UpdatePhoneNumber", params.region, write=True),
        )

    def subject(self, params: NumberTargetParams) -> str:
        """The number's target."""
        return f"connect:number-target:{params.number}"

    def observe(self, params: NumberTargetParams) -> Json:
        """`{"target", "status"}`.

        Raises:
            Rejected: the last change of this number failed.
        """
        found = self.cloud.client("connect", params.region).describe_phone_number(PhoneNumberId=params.number)
        number = found["ClaimedPhoneNumberSummary"]
        state = number.get("PhoneNumberStatus", {})
        if state.get("Status") == "FAILED":
            raise Rejected(
                f"the last change of number {params.number} failed: {state.get('Message', 'no reason given')}",
                service="connect", operation="DescribePhoneNumber", region=params.region, code="FAILED",
            )  # fmt: skip
        return {"target": number["TargetArn"], "status": state.get("Status", "CLAIMED")}

    def target(self, params: NumberTargetParams, before: Json) -> Json:  # noqa: ARG002
        """The new target, claimed."""
        return {"target": params.target, "status": "CLAIMED"}

    def parts(self, params: NumberTargetParams, before: Json, target: Json) -> Sequence[Json]:  # noqa: ARG002
        """Nothing to write while the change is under way."""
        return () if before["target"] == target["target"] else (target,)

    def write(self, params: NumberTargetParams, part: Json) -> None:
        """Ask for the change."""
        self.cloud.client("connect", params.region).update_phone_number(
            PhoneNumberId=params.number, TargetArn=part["target"]
        )


@dataclass(frozen=True)
class NumberFlowParams:
    """Parameters of `connect.number_flow`."""

    region: Annotated[Region, Doc("the Region whose flow is attached; a group's number needs one in each")]
    instance: Annotated[str, Doc("instance id")]
    number: Annotated[str, Doc("the number's ARN (a bare id is not found in the replica's Region)")]
    flow: Annotated[str, Doc("contact flow id")]


class NumberFlow(Setting[NumberFlowParams]):
    """The flow that a number's callers meet in one Region."""

    name = "connect.number_flow"
    summary = "attach a contact flow to a number, in one Region"
    Params = NumberFlowParams
    deadline_s: ClassVar[float | None] = 300.0
    expected = Expected(2.0, Provenance.ASSUMED)

    @classmethod
    def calls(cls, params: NumberFlowParams) -> tuple[Call, ...]:
        """Read and write in that Region."""
        return (
            Call("connect", "ListFlowAssociations", params.region),
            Call("connect", "AssociatePhoneNumberContactFlow", params.region, write=True),
        )

    def subject(self, params: NumberFlowParams) -> str:
        """The number's flow there."""
        return f"connect:number-flow:{params.region}:{params.number}"

    def observe(self, params: NumberFlowParams) -> Json:
        """The flow's id, or empty."""
        connect = self.cloud.client("connect", params.region)
        listed = _paged(
            lambda more: connect.list_flow_associations(
                InstanceId=params.instance, ResourceType="VOICE_PHONE_NUMBER", **more
            ),
            "FlowAssociationSummaryList",
        )
        short = params.number.rsplit("/", 1)[-1]
        flows = [one["FlowId"] for one in listed if one["ResourceId"].rsplit("/", 1)[-1] == short]
        return flows[0].rsplit("/", 1)[-1] if flows else ""

    def target(self, params: NumberFlowParams, before: Json) -> Json:  # noqa: ARG002
        """The flow asked for."""
        return params.flow

    def write(self, params: NumberFlowParams, part: Json) -> None:
        """Attach.

        Raises:
            Rejected: no flow is named; there is no going back to a number that nothing answers.
        """
        if not part:
            raise Rejected(
                f"number {params.number} had no flow in {params.region} before, and then nothing answers it",
                service="connect", operation="AssociatePhoneNumberContactFlow", region=params.region, code="NoFlow",
                remedy="name the flow that should answer it",
            )  # fmt: skip
        connect = self.cloud.client("connect", params.region)
        connect.associate_phone_number_contact_flow(
            PhoneNumberId=params.number, InstanceId=params.instance, ContactFlowId=part
        )


def _paged(call: Callable[[dict[str, Any]], Any], key: str) -> Iterator[dict[str, Any]]:
    token = ""
    while True:
        page = call({"NextToken": token} if token else {})
        yield from page[key]
        token = page.get("NextToken", "")
        if not token:
            return
