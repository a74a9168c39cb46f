"""Builders of Route 53 resources. Route 53 is global; its control plane is in N. Virginia."""

from __future__ import annotations

from drills.simulator.provisioners.request import Built, Request, given
from orchestrator.model.errors import NotSimulated

_REGION = "us-east-1"


def zone(request: Request) -> Built:
    """CreateHostedZone.

    Raises:
        NotSimulated: accelerated recovery is asked for, and no control plane here comes back after an hour.
    """
    if request.take("enableAcceleratedRecovery", otherwise=False):
        raise NotSimulated("route53", "UpdateHostedZoneFeatures (accelerated recovery)")
    made = request.client("route53", _REGION).create_hosted_zone(
        Name=request.take("name"),
        CallerReference=request.token,
        HostedZoneConfig=given(Comment=request.take("comment", None)),
    )
    zone_id = made["HostedZone"]["Id"].rsplit("/", 1)[-1]
    return Built(zone_id, {"zoneId": zone_id, "nameServers": sorted(made["DelegationSet"]["NameServers"])})


def health_check(request: Request) -> Built:
    """CreateHealthCheck, of the kind that follows an alarm."""
    request.drop("type", only="CLOUDWATCH_METRIC")
    made = request.client("route53", _REGION).create_health_check(
        CallerReference=request.token,
        HealthCheckConfig={
            "Type": "CLOUDWATCH_METRIC",
            "AlarmIdentifier": {
                "Region": request.take("cloudwatchAlarmRegion"),
                "Name": request.take("cloudwatchAlarmName"),
            },
            "InsufficientDataHealthStatus": request.take("insufficientDataHealthStatus"),
        },
    )
    return Built(made["HealthCheck"]["Id"])


def record(request: Request) -> Built:
    """ChangeResourceRecordSets with one CREATE, of a failover record."""
    zone_id, name, kind, variant = (request.take(key) for key in ("zoneId", "name", "type", "setIdentifier"))
    (policy,) = request.take("failoverRoutingPolicies")
    record_set = {
        "Name": name,
        "Type": kind,
        "TTL": request.take("ttl"),
        "ResourceRecords": [{"Value": value} for value in request.take("records")],
        "SetIdentifier": variant,
        "Failover": policy["type"],
        "HealthCheckId": request.take("healthCheckId"),
    }
    request.client("route53", _REGION).change_resource_record_sets(
        HostedZoneId=zone_id,
        ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": record_set}]},
    )
    return Built(f"{zone_id}_{name}_{kind}_{variant}", {"fqdn": name})
