"""Preparing the standby: replica, traffic distribution group and its agents. All in the *source* Region.

These operations exist only where the original instance lives, so they belong to `prepare-standby`, never to a recovery.
Pulumi has no resource for the first two (docs/adr/0006). Numbers are in numbers.py.

Law: each status of botocore's enums is awaited, written upon, or given up at once; none is awaited by accident.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from orchestrator.actions.answers import gave_up, known, listed, refused
from orchestrator.model.actions import Call, Expected, Provenance, Setting
from orchestrator.model.parameters import Doc, Region

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchestrator.model.errors import CloudError
    from orchestrator.model.values import Json

ABSENT = "absent"
"""Our own status of what is not there."""

COMPLETE, REPLICATION_FAILED = "INSTANCE_REPLICATION_COMPLETE", "INSTANCE_REPLICATION_FAILED"
REPLICA_DEAD_ENDS = {
    # botocore, InstanceReplicationStatus. The others are awaited: IN_PROGRESS, and resources not yet begun with.
    REPLICATION_FAILED: "mend what the reason names, and run this again: it asks for the replica anew",
    "INSTANCE_REPLICA_DELETING": "wait until the replica is gone, and run this again",
    "INSTANCE_REPLICATION_DELETION_FAILED": "have AWS Support finish the deletion, and run this again",
}
"""Statuses of a replica that no waiting mends, and what does."""

ACTIVE = "ACTIVE"
GROUP_DEAD_ENDS = {
    # botocore, TrafficDistributionGroupStatus. The others are awaited: CREATION_IN_PROGRESS and UPDATE_IN_PROGRESS.
    "CREATION_FAILED": "delete the group, and run this again",
    "PENDING_DELETION": "wait until the group is gone, and run this again",
    "DELETION_FAILED": "delete the group once more, and run this again",
}
"""Statuses of a traffic distribution group that no waiting mends, and what does. The service gives no reasons."""


@dataclass(frozen=True)
class ReplicateInstanceParams:
    """Parameters of `connect.replicate_instance`."""

    region: Annotated[Region, Doc("the source Region, where the instance lives")]
    instance: Annotated[str, Doc("instance id")]
    replica_region: Annotated[Region, Doc("the Region that AWS pairs with it")]
    alias: Annotated[str, Doc("alias of the replica, unique in AWS")]


class ReplicateInstance(Setting[ReplicateInstanceParams]):
    """A replica of the instance in the paired Region, with the same id. AWS must have granted Global Resiliency.

    A replication that failed earlier is asked for anew; one that fails while it is awaited fails the step at once, with
    the service's reason, and so does a replica that is being deleted.

    Source: Connect API reference, ReplicateInstance and ReplicationStatusSummary; Administrator Guide, "Create a
    replica of your existing Amazon Connect instance".
    """

    name = "connect.replicate_instance"
    continuity = "global-resiliency"
    summary = "replicate the instance to its paired Region and wait until that is complete"
    Params = ReplicateInstanceParams
    interval_s = 60.0
    expected = Expected(3_600.0, Provenance.ASSUMED, "hours, by practitioners' reports")
    one_way = "only AWS Support can delete a replica"
    subject_params: ClassVar[tuple[str, ...]] = ("instance", "replica_region")

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
        """`{"status", "reason"}`; status `absent` where there is none, and the service's reason for a dead end.

        Raises:
            ServiceTrouble: a replication is answered without its Region or its status.
        """
        looked, of = self.calls(params)[0], f"a replication of instance {params.instance}"
        found = self.cloud.client("connect", params.region).describe_instance(InstanceId=params.instance)
        for one in found.get("ReplicationConfiguration", {}).get("ReplicationStatusSummaryList") or ():
            if known(one, "Region", of, looked) == params.replica_region:
                status = known(one, "ReplicationStatus", of, looked)
                # A reason that comes and goes with the progress is no other value.
                reason = one.get("ReplicationStatusReason", "") if status in REPLICA_DEAD_ENDS else ""
                return {"status": status, "reason": reason}
        return {"status": ABSENT, "reason": ""}

    def target(self, params: ReplicateInstanceParams, before: Json) -> Json:  # noqa: ARG002
        """Complete."""
        return {"status": COMPLETE, "reason": ""}

    def parts(self, params: ReplicateInstanceParams, before: Json, target: Json) -> Sequence[Json]:  # noqa: ARG002
        """One request where there is no replica or the last one failed; nothing while one is made or taken away."""
        return (target,) if before["status"] in (ABSENT, REPLICATION_FAILED) else ()

    def write(self, params: ReplicateInstanceParams, part: Json) -> None:  # noqa: ARG002
        """Ask for the replica."""
        self.cloud.client("connect", params.region).replicate_instance(
            InstanceId=params.instance, ReplicaRegion=params.replica_region, ReplicaAlias=params.alias
        )

    def given_up(self, params: ReplicateInstanceParams, now: Json) -> CloudError | None:
        """A replication that failed, or a replica that is going."""
        if now["status"] not in REPLICA_DEAD_ENDS:
            return None
        of, remedy = f"the replica of instance {params.instance}", REPLICA_DEAD_ENDS[now["status"]]
        return gave_up(f"{of} to {params.replica_region}", now["status"], now["reason"], self.calls(params)[0], remedy)


@dataclass(frozen=True)
class TrafficGroupParams:
    """Parameters of `connect.traffic_group`."""

    region: Annotated[Region, Doc("the source Region")]
    instance: Annotated[str, Doc("instance id; its replication must be complete")]
    name: Annotated[str, Doc("name of the group, unique in the instance")]


class TrafficGroup(Setting[TrafficGroupParams]):
    """A traffic distribution group beside the default one. Its value after carries both ARNs (`arn`, `default_arn`).

    A group whose creation failed, or that is being deleted, fails the step at once: waiting mends neither, and its name
    is taken until somebody deletes it.

    Source: Connect API reference, CreateTrafficDistributionGroup and TrafficDistributionGroupSummary.
    """

    name = "connect.traffic_group"
    continuity = "global-resiliency"
    summary = "create a traffic distribution group in the source Region and wait until it is active"
    Params = TrafficGroupParams
    deadline_s: ClassVar[float | None] = 1_800.0
    interval_s = 15.0
    expected = Expected(120.0, Provenance.ASSUMED, "minutes, by practitioners' reports")
    one_way = "numbers and agents come to hang on the group: delete an unused one by hand"
    subject_params: ClassVar[tuple[str, ...]] = ("instance", "name")

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
        """`{"status", "arn", "default_arn"}`; status `absent` where there is none, an ARN empty where there is none.

        Raises:
            ServiceTrouble: a group is answered without its name, or ours without its status or its ARN.
            Rejected: several groups have the name, or several are the default one.
        """
        looked, of = self.calls(params)[0], f"a traffic distribution group of instance {params.instance}"
        groups = list(
            listed(
                self.cloud.client("connect", params.region),
                "list_traffic_distribution_groups", "TrafficDistributionGroupSummaryList", InstanceId=params.instance,
            )
        )  # fmt: skip
        ours = _only([one for one in groups if known(one, "Name", of, looked) == params.name], params.name, looked)
        default = _only([one for one in groups if one.get("IsDefault")], "the default", looked)
        return {
            "status": known(ours, "Status", params.name, looked) if ours else ABSENT,
            "arn": known(ours, "Arn", params.name, looked) if ours else "",
            "default_arn": known(default, "Arn", "the default group", looked) if default else "",
        }

    def target(self, params: TrafficGroupParams, before: Json) -> Json:  # noqa: ARG002
        """Active."""
        return {"status": ACTIVE}

    def parts(self, params: TrafficGroupParams, before: Json, target: Json) -> Sequence[Json]:  # noqa: ARG002
        """Nothing to write while the group is being created."""
        return (target,) if before["status"] == ABSENT else ()

    def write(self, params: TrafficGroupParams, part: Json) -> None:  # noqa: ARG002
        """Create it."""
        self.cloud.client("connect", params.region).create_traffic_distribution_group(
            Name=params.name, InstanceId=params.instance
        )

    def settled(self, params: TrafficGroupParams, target: Json, now: Json) -> bool:  # noqa: ARG002
        """Active, and the default one is there too: whoever waits for the group reads both ARNs."""
        return bool(now["status"] == target["status"] and now["default_arn"])

    def given_up(self, params: TrafficGroupParams, now: Json) -> CloudError | None:
        """A group that was never made, or is going."""
        if now["status"] not in GROUP_DEAD_ENDS:
            return None
        of, remedy = f"traffic distribution group {params.name}", GROUP_DEAD_ENDS[now["status"]]
        return gave_up(f"{of} of instance {params.instance}", now["status"], "", self.calls(params)[0], remedy)


def _only(groups: list[dict[str, Any]], which: str, call: Call) -> dict[str, Any]:
    """The one group, or nothing."""
    if len(groups) > 1:
        what = f"{len(groups)} traffic distribution groups are {which}: {', '.join(sorted(map(_named, groups)))}"
        raise refused(what, call, "NotUnique", "delete or rename all but one")
    return groups[0] if groups else {}


def _named(group: dict[str, Any]) -> str:
    return str(group.get("Arn") or group.get("Id") or "one without an id")


@dataclass(frozen=True)
class TrafficGroupAgentsParams:
    """Parameters of `connect.traffic_group_agents`."""

    region: Annotated[Region, Doc("the source Region")]
    instance: Annotated[str, Doc("instance id")]
    group: Annotated[str, Doc("the group's ARN")]
    users: Annotated[tuple[str, ...], Doc("user ids that the group's agent share is to move")]


class TrafficGroupAgents(Setting[TrafficGroupAgentsParams]):
    """The agents whom a group's agent share moves. One call an agent, paced; members are never taken out.

    Source: Connect API reference, AssociateTrafficDistributionGroupUser (only where the group was created);
    Administrator Guide, "Amazon Connect API throttling quotas" (2 a second, 5 at once).
    """

    name = "connect.traffic_group_agents"
    continuity = "global-resiliency"
    summary = "associate agents with a traffic distribution group"
    Params = TrafficGroupAgentsParams
    deadline_s: ClassVar[float | None] = 3_600.0
    expected = Expected(30.0, Provenance.DOCUMENTED, "2 calls a second")
    one_way = "members are never taken out"
    subject_params: ClassVar[tuple[str, ...]] = ("group",)

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
        """User ids, sorted (the service may name a user by ARN).

        Raises:
            ServiceTrouble: a member is answered without an id.
        """
        looked = self.calls(params)[0]
        members = listed(
            self.cloud.client("connect", params.region), "list_traffic_distribution_group_users",
            "TrafficDistributionGroupUserSummaryList", TrafficDistributionGroupId=params.group,
        )  # fmt: skip
        ids = (known(one, "UserId", f"a member of group {params.group}", looked) for one in members)
        return sorted(one.rsplit("/", 1)[-1] for one in ids)

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

    def settled(self, params: TrafficGroupAgentsParams, target: Json, now: Json) -> bool:  # noqa: ARG002
        """All are members; others may have joined meanwhile."""
        return set(target) <= set(now)
