"""What one side is like, by names instead of ids, so that two sides can be laid over each other.

The same questions for both continuity models: a replica answers with the source's ids, an instance of its own with
others, and by name both are alike. What AWS mirrors is read from the Region; what it does not (functions, topics,
tables, desktops) as well, starting from the names in the inventory. Amounts are kept apart: a standby that can do
less is told as a ratio.

Source: as `survey.connect`, and Connect API reference, ListInstanceStorageConfigs and ListBots.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from orchestrator.model.actions import Call
from orchestrator.survey.around import around
from orchestrator.survey.connect import flow_of_numbers
from orchestrator.survey.flow import structure
from orchestrator.survey.look import AMOUNT, CONTENT, UNSET, Facts, Look, listed, told

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orchestrator.model.actions import Cloud
    from orchestrator.model.inventory import Connect, Environment
    from orchestrator.model.values import Json


RECORDED: Final = ("CALL_RECORDINGS", "CHAT_TRANSCRIPTS")
"""What the stacks keep (`InstanceStorageResourceType` of the Connect model)."""


def looks(side: Environment, *, mirrored: bool) -> Iterator[Look]:
    """Every question about what a side is like. Its paths name no side."""
    region, connect = side.region, side.connect
    yield _configuration(region, connect)
    for name, flow_id in connect.flows.items():
        yield _flow(region, connect, name, flow_id, own_region="" if mirrored else region)
    for name, module_id in connect.flow_modules.items():
        yield _module(region, connect, name, module_id, own_region="" if mirrored else region)
    yield _users(region, connect)
    yield _numbers(region, connect)
    yield _associated(region, connect)
    yield _named_only(region, connect)
    yield _storage(region, connect)
    yield _bots(side)
    yield from around(side)


def _configuration(region: str, connect: Connect) -> Look:
    """Hours, queues and routing profiles belong together: each names the others by id."""
    asked = {"InstanceId": connect.instance_id}

    def read(cloud: Cloud) -> Facts:
        client = cloud.client("connect", region)
        hours = {one["HoursOfOperationId"]: one
                 for one in listed(client, "search_hours_of_operations", "HoursOfOperations", **asked)}  # fmt: skip
        queues = {one["QueueId"]: one for one in listed(client, "search_queues", "Queues", **asked)}
        found = list(listed(client, "search_routing_profiles", "RoutingProfiles", **asked))
        served = {one["RoutingProfileId"]: list(listed(
            client, "list_routing_profile_queues", "RoutingProfileQueueConfigSummaryList",
            RoutingProfileId=one["RoutingProfileId"], **asked,
        )) for one in found}  # fmt: skip
        profiles = {
            f"connect.routing_profiles.{one['Name']}": _profile(one, queues, served[one["RoutingProfileId"]])
            for one in found
        }
        return {**_hours(hours), **_queues(queues, hours), **profiles}

    searched = ("SearchHoursOfOperations", "SearchQueues", "SearchRoutingProfiles", "ListRoutingProfileQueues")
    calls = tuple(Call("connect", operation, region) for operation in searched)
    return Look("connect.configuration", calls, read)


def _hours(hours: Mapping[str, Any]) -> dict[str, Json]:
    return {
        f"connect.hours.{one['Name']}": {
            "time_zone": one.get("TimeZone"),
            "open": sorted(f"{each['Day']} {_time(each['StartTime'])}-{_time(each['EndTime'])}"
                           for each in one.get("Config") or ()),
        }
        for one in hours.values()
    }  # fmt: skip


def _time(of_day: Mapping[str, int]) -> str:
    return f"{of_day['Hours']:02}:{of_day['Minutes']:02}"


def _queues(queues: Mapping[str, Any], hours: Mapping[str, Any]) -> dict[str, Json]:
    facts: dict[str, Json] = {}
    for one in queues.values():
        at_hours = hours.get(one.get("HoursOfOperationId", ""), {})
        facts[f"connect.queues.{one['Name']}"] = {"hours": at_hours.get("Name"), "status": one.get("Status")}
        facts[f"{AMOUNT}.queue_limits.{one['Name']}"] = one.get("MaxContacts", UNSET)
    limits = [each for path, each in facts.items() if path.startswith(AMOUNT)]
    facts[f"{AMOUNT}.queue_limits_together"] = UNSET if UNSET in limits else sum(limits)
    return facts


def _profile(one: Mapping[str, Any], queues: Mapping[str, Any], served: list[dict[str, Any]]) -> Json:
    return {
        "outbound": queues.get(one.get("DefaultOutboundQueueId", ""), {}).get("Name"),
        "media": {each["Channel"]: each["Concurrency"] for each in one.get("MediaConcurrencies") or ()},
        "queues": {f"{each['QueueName']}/{each['Channel']}": f"priority {each['Priority']}, {each['Delay']}s"
                   for each in served},
    }  # fmt: skip


def _flow(region: str, connect: Connect, name: str, flow_id: str, *, own_region: str) -> Look:
    call, at = Call("connect", "DescribeContactFlow", region), f"connect.flows.{name}"

    def read(cloud: Cloud) -> Facts:
        found = cloud.client("connect", region).describe_contact_flow(
            InstanceId=connect.instance_id, ContactFlowId=flow_id
        )
        content = str(told(told(found, "ContactFlow", call), "Content", call))
        return {at: structure(content, names=_named(connect), region=own_region), f"{at}.{CONTENT}": content}

    return Look(at, (call,), read)


def _module(region: str, connect: Connect, name: str, module_id: str, *, own_region: str) -> Look:
    call, at = Call("connect", "DescribeContactFlowModule", region), f"connect.flow_modules.{name}"

    def read(cloud: Cloud) -> Facts:
        found = cloud.client("connect", region).describe_contact_flow_module(
            InstanceId=connect.instance_id, ContactFlowModuleId=module_id
        )
        content = str(told(told(found, "ContactFlowModule", call), "Content", call))
        return {at: structure(content, names=_named(connect), region=own_region), f"{at}.{CONTENT}": content}

    return Look(at, (call,), read)


def _named(connect: Connect) -> dict[str, str]:
    """The ids that a flow may hold, and the names that stand for them."""
    queues = {queue.id: f"queue {name}" for name, queue in connect.queues.items()}
    kinds = {
        "hours": connect.hours,
        "flow": connect.flows,
        "flow module": connect.flow_modules,
        "quick connect": connect.quick_connects,
    }
    others = {each: f"{kind} {name}" for kind, named in kinds.items() for name, each in named.items()}
    return {**queues, **others, connect.instance_id: "instance"}


def _users(region: str, connect: Connect) -> Look:
    def read(cloud: Cloud) -> Facts:
        asked = {"InstanceId": connect.instance_id}
        there = {one["Id"] for one in listed(cloud.client("connect", region), "search_users", "Users", **asked)}
        groups = connect.agent_groups.items()
        return {f"{AMOUNT}.users.{name}": len(there & set(group.user_ids)) for name, group in groups}

    return Look(f"{AMOUNT}.users", (Call("connect", "SearchUsers", region),), read)


def _numbers(region: str, connect: Connect) -> Look:
    def read(cloud: Cloud) -> Facts:
        flows = flow_of_numbers(cloud, connect, region)
        facts: dict[str, Json] = {}
        for purpose in sorted({one.purpose for one in connect.numbers}):
            answered = [flows[one.arn] for one in connect.numbers if one.purpose == purpose and one.arn in flows]
            facts[f"connect.numbers.{purpose}"] = sorted(set(answered))
            facts[f"{AMOUNT}.numbers_answered.{purpose}"] = len(answered)
        return facts

    return Look("connect.numbers", (Call("connect", "ListFlowAssociations", region),), read)


def _associated(region: str, connect: Connect) -> Look:
    def read(cloud: Cloud) -> Facts:
        client = cloud.client("connect", region)
        pages = client.get_paginator("list_lambda_functions").paginate(InstanceId=connect.instance_id)
        found = [arn for page in pages for arn in page.get("LambdaFunctions") or ()]
        return {"connect.functions": sorted(arn.replace(f":{region}:", ":{region}:") for arn in found)}

    return Look("connect.functions", (Call("connect", "ListLambdaFunctions", region),), read)


def _named_only(region: str, connect: Connect) -> Look:
    """Quick connects by where they lead, and security profiles; what a profile permits is not compared."""
    asked = {"InstanceId": connect.instance_id}

    def read(cloud: Cloud) -> Facts:
        client = cloud.client("connect", region)
        quick = listed(client, "search_quick_connects", "QuickConnects", **asked)
        profiles = listed(client, "search_security_profiles", "SecurityProfiles", **asked)
        return {
            **{f"connect.quick_connects.{one['Name']}": one["QuickConnectConfig"]["QuickConnectType"] for one in quick},
            **{f"connect.security_profiles.{one['SecurityProfileName']}": "defined" for one in profiles},
        }

    calls = tuple(Call("connect", each, region) for each in ("SearchQuickConnects", "SearchSecurityProfiles"))
    return Look("connect.quick_connects", calls, read)


def _storage(region: str, connect: Connect) -> Look:
    """Whether recordings and transcripts are kept, and encrypted; each side has buckets of its own."""

    def read(cloud: Cloud) -> Facts:
        client = cloud.client("connect", region)
        found = {
            kind: listed(client, "list_instance_storage_configs", "StorageConfigs",
                         InstanceId=connect.instance_id, ResourceType=kind)
            for kind in RECORDED
        }  # fmt: skip
        return {f"connect.storage.{kind}": [_stored(one) for one in configs] for kind, configs in found.items()}

    return Look("connect.storage", (Call("connect", "ListInstanceStorageConfigs", region),), read)


def _stored(one: Mapping[str, Any]) -> Json:
    return {"type": one.get("StorageType"), "encrypted": "EncryptionConfig" in one.get("S3Config", {})}


def _bots(side: Environment) -> Look:
    """Whether the instance may use each bot of the inventory, by its alias."""
    region = side.region

    def read(cloud: Cloud) -> Facts:
        client = cloud.client("connect", region)
        found = listed(client, "list_bots", "LexBots", InstanceId=side.connect.instance_id, LexVersion="V2")
        aliases = {one.get("LexV2Bot", {}).get("AliasArn", "").partition(":bot-alias/")[2] for one in found}
        return {
            f"bots.{name}": "associated" if f"{bot.bot_id}/{bot.alias_id}" in aliases else "not associated"
            for name, bot in side.bots.items()
        }

    return Look("bots", (Call("connect", "ListBots", region),), read)
