"""Builders of tables, functions, roles and alarms."""

from __future__ import annotations

import json
from typing import Any

from drills.simulator.provisioners.request import Built, Request, given

# IAM has one control plane, in N. Virginia.
_IAM_REGION = "us-east-1"


def table(request: Request) -> Built:
    """CreateTable, point-in-time recovery, then a replica for each further Region."""
    dynamodb = request.client("dynamodb")
    name, keys = request.take("name"), [(request.take("hashKey"), "HASH")]
    if sort_key := request.take("rangeKey", None):
        keys.append((sort_key, "RANGE"))
    stream = {"StreamEnabled": True, "StreamViewType": request.take("streamViewType", None)}
    encryption = request.take("serverSideEncryption", {})
    key = given(KMSMasterKeyId=encryption.get("kmsKeyArn"))
    made = dynamodb.create_table(
        TableName=name,
        BillingMode=request.take("billingMode"),
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys],
        AttributeDefinitions=[
            {"AttributeName": each["name"], "AttributeType": each["type"]} for each in request.take("attributes")
        ],
        DeletionProtectionEnabled=request.take("deletionProtectionEnabled", otherwise=False),
        **given(
            StreamSpecification=stream if request.take("streamEnabled", otherwise=False) else None,
            SSESpecification={"Enabled": True, "SSEType": "KMS", **key} if encryption.get("enabled") else None,
        ),
    )["TableDescription"]
    if request.take("pointInTimeRecovery", {}).get("enabled"):
        _keep_history(dynamodb, name)
    for replica in request.take("replicas", ()):
        own_key = given(KMSMasterKeyId=replica.get("kmsKeyArn"))
        create = {"Create": {"RegionName": replica["regionName"], **own_key}}
        dynamodb.update_table(TableName=name, ReplicaUpdates=[create])
        if replica.get("deletionProtectionEnabled"):
            there = request.client("dynamodb", replica["regionName"])
            there.update_table(TableName=name, DeletionProtectionEnabled=True)
    return Built(name, {"arn": made["TableArn"]})


def _keep_history(dynamodb: Any, name: str) -> None:
    dynamodb.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )


def table_item(request: Request) -> Built:
    """PutItem, where there is none yet."""
    table_name, key = request.take("tableName"), request.take("hashKey")
    item = json.loads(request.take("item"))
    request.client("dynamodb").put_item(
        TableName=table_name,
        Item=item,
        ConditionExpression="attribute_not_exists(#key)",
        ExpressionAttributeNames={"#key": key},
    )
    return Built(f"{table_name}|{key}|{json.dumps(item[key])}")


def role(request: Request) -> Built:
    """CreateRole."""
    name = request.take("name")
    made = request.client("iam", _IAM_REGION).create_role(
        RoleName=name,
        AssumeRolePolicyDocument=request.take("assumeRolePolicy"),
        **given(
            Description=request.take("description", None), MaxSessionDuration=request.take("maxSessionDuration", None)
        ),
    )["Role"]
    return Built(name, {"arn": made["Arn"]})


def role_policy(request: Request) -> Built:
    """PutRolePolicy."""
    role_name, name = request.take("role"), request.take("name")
    request.client("iam", _IAM_REGION).put_role_policy(
        RoleName=role_name, PolicyName=name, PolicyDocument=request.take("policy")
    )
    return Built(f"{role_name}:{name}")


def function(request: Request) -> Built:
    """CreateFunction, with the archive's files zipped."""
    name = request.take("name")
    made = request.client("lambda").create_function(
        FunctionName=name,
        Runtime=request.take("runtime"),
        Handler=request.take("handler"),
        Role=request.take("role"),
        Timeout=request.take("timeout", 3),
        Code={"ZipFile": request.take("code").zipped()},
        Environment={"Variables": dict(request.take("environment", {}).get("variables", {}))},
        **given(Description=request.take("description", None)),
    )
    return Built(name, {"arn": made["FunctionArn"]})


def permission(request: Request) -> Built:
    """AddPermission."""
    statement = request.take("statementId")
    request.client("lambda").add_permission(
        FunctionName=request.take("function"),
        StatementId=statement,
        Action=request.take("action"),
        Principal=request.take("principal"),
        **given(SourceAccount=request.take("sourceAccount", None), SourceArn=request.take("sourceArn", None)),
    )
    return Built(statement)


def metric_alarm(request: Request) -> Built:
    """PutMetricAlarm."""
    name = request.take("name")
    cloudwatch = request.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace=request.take("namespace"),
        MetricName=request.take("metricName"),
        Statistic=request.take("statistic"),
        ComparisonOperator=request.take("comparisonOperator"),
        Threshold=float(request.take("threshold")),
        Period=request.take("period"),
        EvaluationPeriods=request.take("evaluationPeriods"),
        DatapointsToAlarm=request.take("datapointsToAlarm"),
        TreatMissingData=request.take("treatMissingData"),
        Dimensions=[{"Name": key, "Value": value} for key, value in sorted(request.take("dimensions", {}).items())],
        AlarmActions=list(request.take("alarmActions", ())),
        **given(AlarmDescription=request.take("alarmDescription", None)),
    )
    made = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]
    return Built(name, {"arn": made["AlarmArn"]})
