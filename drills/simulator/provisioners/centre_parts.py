"""Builders of the parts of an instance: flows, modules, quick connects, functions, storage, bots."""

from __future__ import annotations

import json
from typing import Any

from drills.simulator.provisioners.request import Built, Request, given
from orchestrator.model.errors import NotSimulated


def contact_flow(request: Request) -> Built:
    """CreateContactFlow."""
    within = request.take("instanceId")
    made = request.client("connect").create_contact_flow(
        InstanceId=within,
        Name=request.take("name"),
        Type=request.take("type"),
        Content=request.take("content"),
        **given(Description=request.take("description", None)),
    )
    outputs = {"contactFlowId": made["ContactFlowId"], "arn": made["ContactFlowArn"]}
    return Built(f"{within}:{made['ContactFlowId']}", outputs)


def contact_flow_module(request: Request) -> Built:
    """CreateContactFlowModule."""
    within = request.take("instanceId")
    made = request.client("connect").create_contact_flow_module(
        InstanceId=within,
        Name=request.take("name"),
        Content=request.take("content"),
        ClientToken=request.token,
        **given(Description=request.take("description", None)),
    )
    return Built(f"{within}:{made['Id']}", {"contactFlowModuleId": made["Id"], "arn": made["Arn"]})


def quick_connect(request: Request) -> Built:
    """CreateQuickConnect, to a queue or a number."""
    within, config = request.take("instanceId"), request.take("quickConnectConfig")
    made = request.client("connect").create_quick_connect(
        InstanceId=within,
        Name=request.take("name"),
        QuickConnectConfig={
            "QuickConnectType": config["quickConnectType"],
            **given(
                QueueConfig=_one(config, "queueConfigs", QueueId="queueId", ContactFlowId="contactFlowId"),
                PhoneConfig=_one(config, "phoneConfigs", PhoneNumber="phoneNumber"),
            ),
        },
        **given(Description=request.take("description", None)),
    )
    outputs = {"quickConnectId": made["QuickConnectId"], "arn": made["QuickConnectARN"]}
    return Built(f"{within}:{made['QuickConnectId']}", outputs)


def _one(config: dict[str, Any], key: str, **members: str) -> dict[str, Any] | None:
    """The only entry of a list, renamed as the API names it, or None."""
    if key not in config:
        return None
    (entry,) = config[key]
    return {member: entry[ours] for member, ours in members.items()}


def lambda_function_association(request: Request) -> Built:
    """AssociateLambdaFunction: in this Region's side of the instance, for it is not mirrored."""
    within, function = request.take("instanceId"), request.take("functionArn")
    request.client("connect").associate_lambda_function(
        InstanceId=within, FunctionArn=function, ClientToken=request.token
    )
    return Built(f"{within},{function}")


def storage_config(request: Request) -> Built:
    """AssociateInstanceStorageConfig of a bucket: in this Region's side of the instance, for it is not mirrored.

    Raises:
        NotSimulated: it is no bucket that is stored to.
    """
    within, kind, config = (request.take(key) for key in ("instanceId", "resourceType", "storageConfig"))
    if set(config) != {"storageType", "s3Config"}:
        raise NotSimulated("pulumi", f"{request.declared.type} of {config['storageType']}")
    place = config["s3Config"]
    encryption = place["encryptionConfig"]
    wanted = {
        "StorageType": config["storageType"],
        "S3Config": {
            "BucketName": place["bucketName"],
            "BucketPrefix": place["bucketPrefix"],
            "EncryptionConfig": {"EncryptionType": encryption["encryptionType"], "KeyId": encryption["keyId"]},
        },
    }
    made = request.client("connect").associate_instance_storage_config(
        InstanceId=within, ResourceType=kind, StorageConfig=wanted, ClientToken=request.token
    )
    return Built(f"{within}:{made['AssociationId']}:{kind}", {"associationId": made["AssociationId"]})


def cloud_control_resource(request: Request) -> Built:
    """The association of a Lex V2 bot, by AssociateBot, which stands behind it: Cloud Control is not simulated.

    Raises:
        NotSimulated: a resource of another type, or another integration.
    """
    type_name, wanted = request.take("typeName"), json.loads(request.take("desiredState"))
    if type_name != "AWS::Connect::IntegrationAssociation" or wanted["IntegrationType"] != "LEX_BOT":
        raise NotSimulated("pulumi", f"{request.declared.type} of {type_name} {wanted.get('IntegrationType', '')}")
    instance_arn, alias_arn = wanted["InstanceId"], wanted["IntegrationArn"]
    request.client("connect").associate_bot(
        InstanceId=instance_arn.rsplit("/", 1)[-1], LexV2Bot={"AliasArn": alias_arn}, ClientToken=request.token
    )
    return Built(f"{instance_arn}|LEX_BOT|{alias_arn}")
