"""What one side is like around its contact centre, by names instead of ids: the second half of `survey.side`.

Source: as `survey.platform`; Service Quotas API reference, ListServiceQuotas; Lambda API reference,
GetFunctionConcurrency and GetAccountSettings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.model.actions import Call
from orchestrator.survey.look import AMOUNT, UNSET, Facts, Look, listed, tail, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orchestrator.model.actions import Cloud
    from orchestrator.model.inventory import Connect, Environment


def around(side: Environment) -> Iterator[Look]:
    """Every question about functions, topics, flags, desktops, quotas and concurrency. Its paths name no side."""
    region = side.region
    for name, arn in side.lambdas.items():
        yield _function(region, name, arn)
    for name, arn in side.topics.items():
        yield _topic(region, name, arn)
    yield _flags(region, side.flags_table)
    yield _desktops(side)
    yield _quotas(region, side.connect)
    yield _concurrency(region)


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
