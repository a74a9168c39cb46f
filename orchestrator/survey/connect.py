"""One side's contact centre, against its part of the inventory: everything that runbooks name in it.

Law: what a Region knows is asked of that Region, also of what both share, for it is what a failover will meet there.

Source: Connect API reference: Search… and List… operations (pages), DescribeContactFlow, DescribeContactFlowModule,
DescribePhoneNumber, DescribeTrafficDistributionGroup, ListFlowAssociations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from orchestrator.model.actions import Call
from orchestrator.survey.look import AGAIN, Facts, Look, if_there, listed, tail, told

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orchestrator.model.actions import Cloud
    from orchestrator.model.inventory import AgentGroup, Connect, Environment
    from orchestrator.model.values import Json

PREPARE = "execute prepare-standby: it makes and points these, once and for all"
HELD_APART = "`failover inventory pull`: who is not in the snapshot is not moved in an incident"
COMPLETE = "INSTANCE_REPLICATION_COMPLETE"
VOICE = "VOICE_PHONE_NUMBER"

SEARCHES: Final[Mapping[str, tuple[str, str, str]]] = {
    # Part of the inventory → operation of boto3, the answer's list, the id in it.
    "hours": ("search_hours_of_operations", "HoursOfOperations", "HoursOfOperationId"),
    "routing_profiles": ("search_routing_profiles", "RoutingProfiles", "RoutingProfileId"),
    "security_profiles": ("search_security_profiles", "SecurityProfiles", "Id"),
    "quick_connects": ("search_quick_connects", "QuickConnects", "QuickConnectId"),
}
_API: Final = {
    "hours": "SearchHoursOfOperations",
    "routing_profiles": "SearchRoutingProfiles",
    "security_profiles": "SearchSecurityProfiles",
    "quick_connects": "SearchQuickConnects",
}


def looks(side: Environment, *, replicated: bool) -> Iterator[Look]:
    """Every question about one side's contact centre that its inventory gives cause for."""
    connect, region, at = side.connect, side.region, f"{side.role}.connect"
    yield _instance(at, connect, region, replicated=replicated)
    if connect.queues:
        yield _queues(at, connect, region)
    for part in SEARCHES:
        if wanted := getattr(connect, part):
            yield _named(f"{at}.{part}", connect.instance_id, region, part, wanted)
    for name, flow_id in connect.flows.items():
        yield _flow(f"{at}.flows.{name}", connect.instance_id, region, flow_id)
    for name, module_id in connect.flow_modules.items():
        yield _module(f"{at}.flow_modules.{name}", connect.instance_id, region, module_id)
    if connect.agent_groups:
        yield _users(f"{at}.agent_groups", connect.instance_id, region, connect.agent_groups)
    if connect.numbers:
        # Who made them what they are: the runbook, or where instances are independent the side's own stack.
        remedy = PREPARE if replicated else AGAIN
        yield _numbers(f"{at}.numbers", connect, region, remedy)
        yield _attached(f"{at}.numbers", connect, region, remedy)
    groups = {"traffic_group_arn": connect.traffic_group_arn, "default_traffic_group_arn":
              connect.default_traffic_group_arn}  # fmt: skip
    for name, arn in groups.items():
        if arn:
            yield _group(f"{at}.{name}", arn, region, is_default=name.startswith("default"))


def _instance(at: str, connect: Connect, region: str, *, replicated: bool) -> Look:
    call = Call("connect", "DescribeInstance", region)

    def read(cloud: Cloud) -> Facts:
        found = cloud.client("connect", region).describe_instance(InstanceId=connect.instance_id)
        instance = told(found, "Instance", call)
        facts = {"arn": instance.get("Arn"), "status": instance.get("InstanceStatus")}
        if replicated:
            summary = found.get("ReplicationConfiguration", {}).get("ReplicationStatusSummaryList") or ()
            facts["replication"] = sorted({one.get("ReplicationStatus") for one in summary})
        return {f"{at}.instance": facts}

    expected: dict[str, Json] = {"arn": connect.instance_arn, "status": "ACTIVE"}
    if replicated:
        expected["replication"] = [COMPLETE]
    return Look(f"{at}.instance", (call,), read, {f"{at}.instance": expected}, PREPARE if replicated else AGAIN)


def _queues(at: str, connect: Connect, region: str) -> Look:
    def read(cloud: Cloud) -> Facts:
        client = cloud.client("connect", region)
        found = {one["QueueId"]: one for one in listed(client, "search_queues", "Queues", **_of(connect.instance_id))}
        return {f"{at}.queues.{name}": _queue(found.get(queue.id)) for name, queue in connect.queues.items()}

    expected = {f"{at}.queues.{name}": {**queue.model_dump(), "status": "ENABLED"}
                for name, queue in connect.queues.items()}  # fmt: skip
    return Look(f"{at}.queues", (Call("connect", "SearchQueues", region),), read, expected)


def _queue(found: Mapping[str, Any] | None) -> Json:
    if found is None:
        return None
    return {
        "id": found["QueueId"], "max_contacts": found.get("MaxContacts"), "hours_id": found.get("HoursOfOperationId"),
        "status": found.get("Status"),
    }  # fmt: skip


def _named(at: str, instance: str, region: str, part: str, wanted: Mapping[str, str]) -> Look:
    operation, key, member = SEARCHES[part]

    def read(cloud: Cloud) -> Facts:
        there = {one.get(member) for one in listed(cloud.client("connect", region), operation, key, **_of(instance))}
        return {f"{at}.{name}": each if each in there else None for name, each in wanted.items()}

    expected = {f"{at}.{name}": each for name, each in wanted.items()}
    return Look(at, (Call("connect", _API[part], region),), read, expected)


def _flow(at: str, instance: str, region: str, flow_id: str) -> Look:
    call = Call("connect", "DescribeContactFlow", region)

    def read(cloud: Cloud) -> Facts:
        client = cloud.client("connect", region)
        found = if_there(lambda: client.describe_contact_flow(InstanceId=instance, ContactFlowId=flow_id))
        flow = told(found, "ContactFlow", call) if found else None
        return {at: flow and {"id": flow.get("Id"), "state": flow.get("State"), "status": flow.get("Status")}}

    return Look(at, (call,), read, {at: {"id": flow_id, "state": "ACTIVE", "status": "PUBLISHED"}})


def _module(at: str, instance: str, region: str, module_id: str) -> Look:
    call = Call("connect", "DescribeContactFlowModule", region)

    def read(cloud: Cloud) -> Facts:
        client = cloud.client("connect", region)
        found = if_there(
            lambda: client.describe_contact_flow_module(InstanceId=instance, ContactFlowModuleId=module_id)
        )
        module = told(found, "ContactFlowModule", call) if found else None
        return {at: module and {"id": module.get("Id"), "state": module.get("State"), "status": module.get("Status")}}

    return Look(at, (call,), read, {at: {"id": module_id, "state": "ACTIVE", "status": "PUBLISHED"}})


def _users(at: str, instance: str, region: str, groups: Mapping[str, AgentGroup]) -> Look:
    def read(cloud: Cloud) -> Facts:
        found = listed(cloud.client("connect", region), "search_users", "Users", **_of(instance))
        serving = {one["Id"]: one.get("RoutingProfileId") for one in found}
        return {f"{at}.{name}": told_apart(group, groups, serving) for name, group in groups.items()}

    alike: dict[str, Json] = {"missing": [], "unexpected": [], "on_other_profiles": []}
    expected = {f"{at}.{name}": alike for name in groups}
    return Look(at, (Call("connect", "SearchUsers", region),), read, expected, HELD_APART)


def told_apart(group: AgentGroup, groups: Mapping[str, AgentGroup], serving: Mapping[str, str | None]) -> Json:
    """The users of a group that are not there, are there and not in the snapshot, or serve neither of its profiles."""
    profiles = (group.normal_profile, group.incident_profile)
    known = {user for each in groups.values() for user in each.user_ids}
    return {
        "missing": sorted(set(group.user_ids) - set(serving)),
        "unexpected": sorted(user for user, serves in serving.items() if serves in profiles and user not in known),
        "on_other_profiles": sorted(user for user in group.user_ids if serving.get(user, profiles[0]) not in profiles),
    }


def _numbers(at: str, connect: Connect, region: str, remedy: str) -> Look:
    call = Call("connect", "DescribePhoneNumber", region)

    def read(cloud: Cloud) -> Facts:
        client = cloud.client("connect", region)
        return {f"{at}.{one.purpose}.{one.id}": _number(client, one.arn, call) for one in connect.numbers}

    target = connect.traffic_group_arn or connect.instance_arn
    wanted = {"status": "CLAIMED", "target": target}
    return Look(at, (call,), read, {f"{at}.{one.purpose}.{one.id}": wanted for one in connect.numbers}, remedy)


def _number(client: Any, arn: str, call: Call) -> Json:
    # The number itself is personal enough to stay where it is; its ARN, status and target are not.
    found = if_there(lambda: client.describe_phone_number(PhoneNumberId=arn))
    if found is None:
        return None
    number = told(found, "ClaimedPhoneNumberSummary", call)
    return {"status": number.get("PhoneNumberStatus", {}).get("Status"), "target": number.get("TargetArn")}


def _attached(at: str, connect: Connect, region: str, remedy: str) -> Look:
    """A number without a flow in a Region rings there into nothing; the association is each Region's own."""
    paths = {one.arn: f"{at}.{one.purpose}.{one.id}.flow" for one in connect.numbers}

    def read(cloud: Cloud) -> Facts:
        flows = flow_of_numbers(cloud, connect, region)
        return {path: "attached" if arn in flows else None for arn, path in paths.items()}

    calls = (Call("connect", "ListFlowAssociations", region),)
    return Look(f"{at}.flow", calls, read, dict.fromkeys(paths.values(), "attached"), remedy)


def flow_of_numbers(cloud: Cloud, connect: Connect, region: str) -> dict[str, str]:
    """Which flow answers each number in a Region: ARN of the number → name of the flow, its id if unnamed."""
    names = {flow_id: name for name, flow_id in connect.flows.items()}
    found = listed(
        cloud.client("connect", region), "list_flow_associations", "FlowAssociationSummaryList",
        InstanceId=connect.instance_id, ResourceType=VOICE,
    )  # fmt: skip
    return {one["ResourceId"]: names.get(tail(one["FlowId"]), tail(one["FlowId"])) for one in found}


def _group(at: str, arn: str, region: str, *, is_default: bool) -> Look:
    call = Call("connect", "DescribeTrafficDistributionGroup", region)

    def read(cloud: Cloud) -> Facts:
        client = cloud.client("connect", region)
        found = if_there(lambda: client.describe_traffic_distribution_group(TrafficDistributionGroupId=arn))
        group = told(found, "TrafficDistributionGroup", call) if found else None
        return {at: group and {"status": group.get("Status"), "is_default": bool(group.get("IsDefault"))}}

    return Look(at, (call,), read, {at: {"status": "ACTIVE", "is_default": is_default}}, PREPARE)


def _of(instance: str) -> dict[str, str]:
    return {"InstanceId": instance}
