"""What one side is like, by names instead of ids, so that two sides can be laid over each other.

The same questions for both continuity models: a replica answers with the source's ids, an instance of its own with
others, and by name both are alike. What AWS mirrors is read from the Region; what it does not (functions, topics,
tables, desktops) as well, starting from the names in the inventory. Amounts are kept apart: a standby that can do
less is told as a ratio.

Source: as `survey.connect` and `survey.platform`; Service Quotas API reference, ListServiceQuotas; Lambda API
reference, GetFunctionConcurrency and GetAccountSettings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from orchestrator.model.actions import Call
from orchestrator.survey.connect import flow_of_numbers
from orchestrator.survey.flow import structure
from orchestrator.survey.look import AMOUNT, CONTENT, UNSET, Facts, Look, listed, tail, told

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
    for name, arn in side.lambdas.items():
        yield _function(region, name, arn)
    for name, arn in side.topics.items():
        yield _topic(region, name, arn)
    yield _flags(region, side.flags_table)
    yield _desktops(side)
    yield _quotas(region, connect)
    yield _concurrency(region)


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


def _function(region: str, name: str, arn: str) -> Look:
    called = tail(arn)
    operations = ("GetFunctionConfiguration", "GetFunctionConcurrency")

    def read(cloud: Cloud) -> Facts:
        client = cloud.client("lambda", region)
        found = client.get_function_configuration(FunctionName=called)
        reserved = client.get_function_concurrency(FunctionName=called).get("ReservedConcurrentExecutions")
        return {
            f"lambdas.{name}": {
                "runtime": found.get("Runtime"), "handler": found.get("Handler"), "timeout_s": found.get("Timeout"),
                "memory_mb": found.get("MemorySize"), "code_sha256": found.get("CodeSha256"),
                "variables": sorted(found.get("Environment", {}).get("Variables", ())),
            },
            f"{AMOUNT}.reserved_concurrency.{name}": UNSET if reserved is None else reserved,
        }  # fmt: skip

    return Look(f"lambdas.{name}", tuple(Call("lambda", each, region) for each in operations), read)


def _topic(region: str, name: str, arn: str) -> Look:
    call = Call("sns", "GetTopicAttributes", region)

    def read(cloud: Cloud) -> Facts:
        found = told(cloud.client("sns", region).get_topic_attributes(TopicArn=arn), "Attributes", call)
        encrypted = bool(found.get("KmsMasterKeyId"))
        confirmed = int(found.get("SubscriptionsConfirmed", 0))
        return {f"topics.{name}": {"encrypted": encrypted, "subscriptions_confirmed": confirmed}}

    return Look(f"topics.{name}", (call,), read)


def _flags(region: str, name: str) -> Look:
    call = Call("dynamodb", "DescribeTable", region)

    def read(cloud: Cloud) -> Facts:
        table = told(cloud.client("dynamodb", region).describe_table(TableName=name), "Table", call)
        return {
            "flags_table": {
                "key": [f"{each['KeyType']} {each['AttributeName']}" for each in table.get("KeySchema") or ()],
                "billing": table.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED"),
            }
        }

    return Look("flags_table", (call,), read)


def _desktops(side: Environment) -> Look:
    region, directory = side.region, side.desktops.directory_id

    def read(cloud: Cloud) -> Facts:
        if not directory:
            return {f"{AMOUNT}.desktops": 0}
        found = listed(cloud.client("workspaces", region), "describe_workspaces", "Workspaces", DirectoryId=directory)
        return {f"{AMOUNT}.desktops": len({one["WorkspaceId"] for one in found} & set(side.desktops.ids))}

    return Look(f"{AMOUNT}.desktops", (Call("workspaces", "DescribeWorkspaces", region),), read)


def _quotas(region: str, connect: Connect) -> Look:
    """Quotas as applied: the account's, and the instance's own where it has one (concurrent calls are such)."""

    def read(cloud: Cloud) -> Facts:
        client = cloud.client("service-quotas", region)
        found = listed(client, "list_service_quotas", "Quotas", ServiceCode="connect", QuotaAppliedAtLevel="ALL")
        of = [(one.get("QuotaContext", {}).get("ContextId", "*"), one) for one in found]
        # The instance's own comes last, and stands.
        ours = [one for wanted in ("*", connect.instance_arn) for whose, one in of if whose == wanted]
        return {f"{AMOUNT}.quotas.{one['QuotaName']}": one["Value"] for one in ours}

    look = Call("service-quotas", "ListServiceQuotas", region)
    return Look(f"{AMOUNT}.quotas", (look,), read, only_measures=True)


def _concurrency(region: str) -> Look:
    call = Call("lambda", "GetAccountSettings", region)

    def read(cloud: Cloud) -> Facts:
        limit = told(cloud.client("lambda", region).get_account_settings(), "AccountLimit", call)
        return {f"{AMOUNT}.account_concurrency": limit.get("ConcurrentExecutions", UNSET)}

    return Look(f"{AMOUNT}.account_concurrency", (call,), read, only_measures=True)
