"""The one table of simulated Connect operations: what performs each, and which parameters it heeds.

A parameter that is not listed is refused aloud: dropping it in silence would let a drill pass on something that the
simulated service never did. Tags and analytics data sets stay moto's own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import (
    bots,
    contacts,
    distribution,
    findings,
    flows,
    groups,
    instances,
    metrics,
    modules,
    numbers,
    people,
    quick_connects,
    routing,
    searches,
    storage,
)
from .backend import Answer, Asked, Backend


@dataclass(frozen=True, slots=True)
class Operation:
    """A simulated operation and the parameters that it heeds."""

    perform: Callable[[Backend, Asked], Answer]
    heeds: frozenset[str]


def _operation(perform: Callable[[Backend, Asked], Answer], heeds: str) -> Operation:
    return Operation(perform, frozenset(heeds.split()))


_PAGE = "MaxResults NextToken"

OPERATIONS: dict[str, Operation] = {
    "CreateInstance": _operation(
        instances.create,
        "ClientToken IdentityManagementType InstanceAlias InboundCallsEnabled OutboundCallsEnabled Tags",
    ),
    "DescribeInstance": _operation(instances.describe, "InstanceId"),
    "ListInstances": _operation(instances.list_all, _PAGE),
    "DeleteInstance": _operation(instances.delete, "InstanceId ClientToken"),
    "ReplicateInstance": _operation(instances.replicate, "InstanceId ReplicaRegion ReplicaAlias ClientToken"),
    "CreateHoursOfOperation": _operation(routing.create_hours, "InstanceId Name Description TimeZone Config Tags"),
    "CreateQueue": _operation(
        routing.create_queue, "InstanceId Name Description HoursOfOperationId MaxContacts QuickConnectIds Tags"
    ),
    "DescribeQueue": _operation(routing.describe_queue, "InstanceId QueueId"),
    "UpdateQueueHoursOfOperation": _operation(routing.update_queue_hours, "InstanceId QueueId HoursOfOperationId"),
    "CreateQuickConnect": _operation(quick_connects.create, "InstanceId Name Description QuickConnectConfig Tags"),
    "SearchQuickConnects": _operation(quick_connects.search, f"InstanceId {_PAGE}"),
    "AssociateQueueQuickConnects": _operation(quick_connects.associate, "InstanceId QueueId QuickConnectIds"),
    "ListQueueQuickConnects": _operation(quick_connects.list_of_queue, f"InstanceId QueueId {_PAGE}"),
    "CreateRoutingProfile": _operation(
        routing.create_profile,
        "InstanceId Name Description DefaultOutboundQueueId QueueConfigs MediaConcurrencies Tags",
    ),
    "DescribeRoutingProfile": _operation(routing.describe_profile, "InstanceId RoutingProfileId"),
    "ListRoutingProfileQueues": _operation(routing.list_profile_queues, f"InstanceId RoutingProfileId {_PAGE}"),
    "SearchHoursOfOperations": _operation(searches.hours, f"InstanceId {_PAGE}"),
    "SearchQueues": _operation(searches.queues, f"InstanceId {_PAGE}"),
    "SearchRoutingProfiles": _operation(searches.profiles, f"InstanceId {_PAGE}"),
    "SearchSecurityProfiles": _operation(searches.security_profiles, f"InstanceId {_PAGE}"),
    "CreateSecurityProfile": _operation(
        people.create_security_profile, "InstanceId SecurityProfileName Description Permissions Tags"
    ),
    "CreateUser": _operation(
        people.create_user,
        "InstanceId Username Password IdentityInfo PhoneConfig DirectoryUserId SecurityProfileIds RoutingProfileId "
        "Tags",
    ),
    "DescribeUser": _operation(people.describe_user, "InstanceId UserId"),
    "SearchUsers": _operation(people.search, f"InstanceId SearchCriteria {_PAGE}"),
    "UpdateUserConfig": _operation(people.update_config, "InstanceId UserId PhoneNumberConfigs"),
    "UpdateUserRoutingProfile": _operation(people.update_routing_profile, "InstanceId UserId RoutingProfileId"),
    "CreateContactFlow": _operation(flows.create, "InstanceId Name Type Description Content Status Tags"),
    "DescribeContactFlow": _operation(flows.describe, "InstanceId ContactFlowId"),
    "CreateContactFlowModule": _operation(modules.create, "InstanceId Name Description Content Tags ClientToken"),
    "DescribeContactFlowModule": _operation(modules.describe, "InstanceId ContactFlowModuleId"),
    "AssociateInstanceStorageConfig": _operation(
        storage.associate, "InstanceId ResourceType StorageConfig ClientToken"
    ),
    "ListInstanceStorageConfigs": _operation(storage.list_all, f"InstanceId ResourceType {_PAGE}"),
    "AssociateBot": _operation(bots.associate, "InstanceId LexV2Bot ClientToken"),
    "ListBots": _operation(bots.list_all, f"InstanceId LexVersion {_PAGE}"),
    "AssociateLambdaFunction": _operation(flows.associate_function, "InstanceId FunctionArn ClientToken"),
    "ListLambdaFunctions": _operation(flows.list_functions, f"InstanceId {_PAGE}"),
    "AssociatePhoneNumberContactFlow": _operation(flows.associate_number, "PhoneNumberId InstanceId ContactFlowId"),
    "ListFlowAssociations": _operation(flows.list_associations, f"InstanceId ResourceType {_PAGE}"),
    "SearchAvailablePhoneNumbers": _operation(
        numbers.search_available,
        "TargetArn InstanceId PhoneNumberCountryCode PhoneNumberType PhoneNumberPrefix MaxResults",
    ),
    "ClaimPhoneNumber": _operation(
        numbers.claim, "TargetArn InstanceId PhoneNumber PhoneNumberDescription Tags ClientToken"
    ),
    "DescribePhoneNumber": _operation(numbers.describe, "PhoneNumberId"),
    "UpdatePhoneNumber": _operation(numbers.update, "PhoneNumberId TargetArn InstanceId ClientToken"),
    "CreateTrafficDistributionGroup": _operation(groups.create, "Name Description InstanceId ClientToken Tags"),
    "DescribeTrafficDistributionGroup": _operation(groups.describe, "TrafficDistributionGroupId"),
    "ListTrafficDistributionGroups": _operation(groups.list_all, f"InstanceId {_PAGE}"),
    "AssociateTrafficDistributionGroupUser": _operation(
        groups.associate_user, "TrafficDistributionGroupId UserId InstanceId"
    ),
    "ListTrafficDistributionGroupUsers": _operation(groups.list_users, f"TrafficDistributionGroupId {_PAGE}"),
    "GetTrafficDistribution": _operation(distribution.get, "Id"),
    "UpdateTrafficDistribution": _operation(distribution.update, "Id TelephonyConfig AgentConfig SignInConfig"),
    "GetCurrentMetricData": _operation(metrics.current, f"InstanceId Filters Groupings CurrentMetrics {_PAGE}"),
    "ListReplicationFindings": _operation(findings.list_all, f"InstanceId ResourceType {_PAGE}"),
    "SearchContacts": _operation(contacts.search, f"InstanceId TimeRange SearchCriteria Sort {_PAGE}"),
}
