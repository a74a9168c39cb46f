"""Pulumi type → builder: the whole of what the simulated cloud can be provisioned with."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from drills.simulator.provisioners import (
    centre_parts,
    contact_centre,
    dns,
    keys,
    notices,
    platform,
    remote,
    storage,
    telephony,
    unsimulated,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drills.simulator.provisioners.request import Builder

BUILDERS: Final[Mapping[str, Builder]] = MappingProxyType(
    {
        "aws:chime/sdkvoiceSipRule:SdkvoiceSipRule": telephony.sip_rule,
        "aws:chime/voiceConnector:VoiceConnector": telephony.voice_connector,
        "aws:chime/voiceConnectorGroup:VoiceConnectorGroup": telephony.voice_connector_group,
        "aws:chime/voiceConnectorOrigination:VoiceConnectorOrigination": telephony.voice_connector_origination,
        "aws:cloudcontrol/resource:Resource": centre_parts.cloud_control_resource,
        "aws:cloudwatch/eventRule:EventRule": notices.event_rule,
        "aws:cloudwatch/eventTarget:EventTarget": notices.event_target,
        "aws:cloudwatch/metricAlarm:MetricAlarm": platform.metric_alarm,
        "aws:connect/contactFlow:ContactFlow": centre_parts.contact_flow,
        "aws:connect/contactFlowModule:ContactFlowModule": centre_parts.contact_flow_module,
        "aws:connect/hoursOfOperation:HoursOfOperation": contact_centre.hours_of_operation,
        "aws:connect/instance:Instance": contact_centre.instance,
        "aws:connect/instanceStorageConfig:InstanceStorageConfig": centre_parts.storage_config,
        "aws:connect/lambdaFunctionAssociation:LambdaFunctionAssociation": centre_parts.lambda_function_association,
        "aws:connect/phoneNumber:PhoneNumber": contact_centre.phone_number,
        "aws:connect/phoneNumberContactFlowAssociation:PhoneNumberContactFlowAssociation": (
            contact_centre.phone_number_contact_flow_association
        ),
        "aws:connect/queue:Queue": contact_centre.queue,
        "aws:connect/quickConnect:QuickConnect": centre_parts.quick_connect,
        "aws:connect/routingProfile:RoutingProfile": contact_centre.routing_profile,
        "aws:connect/securityProfile:SecurityProfile": contact_centre.security_profile,
        "aws:connect/user:User": contact_centre.user,
        "aws:dynamodb/table:Table": platform.table,
        "aws:dynamodb/tableItem:TableItem": platform.table_item,
        "aws:iam/role:Role": platform.role,
        "aws:iam/rolePolicy:RolePolicy": platform.role_policy,
        "aws:kms/alias:Alias": keys.alias,
        "aws:kms/key:Key": keys.key,
        "aws:kms/replicaKey:ReplicaKey": keys.replica_key,
        "aws:lambda/function:Function": platform.function,
        "aws:lambda/permission:Permission": platform.permission,
        "aws:route53/healthCheck:HealthCheck": dns.health_check,
        "aws:route53/record:Record": dns.record,
        "aws:route53/zone:Zone": dns.zone,
        "aws:route53recoverycontrol/cluster:Cluster": unsimulated.ROUTING_CONTROLS,
        "aws:route53recoverycontrol/controlPanel:ControlPanel": unsimulated.ROUTING_CONTROLS,
        "aws:route53recoverycontrol/routingControl:RoutingControl": unsimulated.ROUTING_CONTROLS,
        "aws:route53recoverycontrol/safetyRule:SafetyRule": unsimulated.ROUTING_CONTROLS,
        "aws:s3/bucket:Bucket": storage.bucket,
        "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": storage.object_lock,
        "aws:s3/bucketPolicy:BucketPolicy": storage.policy,
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": storage.public_access_block,
        "aws:s3/bucketReplicationConfig:BucketReplicationConfig": storage.replication,
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": storage.encryption,
        "aws:s3/bucketVersioning:BucketVersioning": storage.versioning,
        "aws:scheduler/schedule:Schedule": notices.schedule,
        "aws:sns/topic:Topic": notices.topic,
        "aws:sns/topicPolicy:TopicPolicy": notices.topic_policy,
        "aws:sns/topicSubscription:TopicSubscription": notices.topic_subscription,
        "aws:workspaces/connectionAlias:ConnectionAlias": unsimulated.CONNECTION_ALIAS,
        "aws:workspaces/workspace:Workspace": remote.workspace,
    }
)

# What an instance has of its own in each Region; all else of Connect is mirrored, and belongs to the source alone
# (Administrator Guide, "Create a replica of your existing Amazon Connect instance").
UNMIRRORED: Final = frozenset(
    {
        "aws:connect/botAssociation:BotAssociation",
        "aws:connect/instanceStorageConfig:InstanceStorageConfig",
        "aws:connect/lambdaFunctionAssociation:LambdaFunctionAssociation",
    }
)


def is_mirrored(pulumi_type: str) -> bool:
    """Whether AWS copies such a resource to the replica, where declaring it again would conflict."""
    return pulumi_type.startswith("aws:connect/") and pulumi_type not in UNMIRRORED
