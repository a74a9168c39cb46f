"""Builders of Amazon Connect resources. Ids are composed as the provider composes them: `<instance>:<resource>`."""

from __future__ import annotations

from typing import Any

from drills.simulator.provisioners.request import Built, Request, given


def instance(request: Request) -> Built:
    """CreateInstance, then wait for ACTIVE."""
    connect = request.client("connect")
    made = connect.create_instance(
        ClientToken=request.token,
        IdentityManagementType=request.take("identityManagementType"),
        InstanceAlias=request.take("instanceAlias"),
        InboundCallsEnabled=request.take("inboundCallsEnabled"),
        OutboundCallsEnabled=request.take("outboundCallsEnabled"),
    )

    def active() -> bool:
        return bool(connect.describe_instance(InstanceId=made["Id"])["Instance"]["InstanceStatus"] == "ACTIVE")

    request.wait_until(active)
    return Built(made["Id"], {"arn": made["Arn"]})


def hours_of_operation(request: Request) -> Built:
    """CreateHoursOfOperation."""
    within = request.take("instanceId")
    made = request.client("connect").create_hours_of_operation(
        InstanceId=within,
        Name=request.take("name"),
        TimeZone=request.take("timeZone"),
        Config=[
            {"Day": each["day"], "StartTime": _time(each["startTime"]), "EndTime": _time(each["endTime"])}
            for each in request.take("configs")
        ],
        **given(Description=request.take("description", None)),
    )
    outputs = {"hoursOfOperationId": made["HoursOfOperationId"], "arn": made["HoursOfOperationArn"]}
    return Built(f"{within}:{made['HoursOfOperationId']}", outputs)


def _time(of_day: dict[str, Any]) -> dict[str, int]:
    return {"Hours": of_day["hours"], "Minutes": of_day["minutes"]}


def queue(request: Request) -> Built:
    """CreateQueue."""
    within = request.take("instanceId")
    made = request.client("connect").create_queue(
        InstanceId=within,
        Name=request.take("name"),
        HoursOfOperationId=request.take("hoursOfOperationId"),
        **given(
            Description=request.take("description", None),
            MaxContacts=request.take("maxContacts", None),
            QuickConnectIds=request.take("quickConnectIds", None),
        ),
    )
    return Built(f"{within}:{made['QueueId']}", {"queueId": made["QueueId"], "arn": made["QueueArn"]})


def routing_profile(request: Request) -> Built:
    """CreateRoutingProfile, with its queues."""
    within = request.take("instanceId")
    queues = [
        {
            "QueueReference": {"QueueId": each["queueId"], "Channel": each["channel"]},
            "Priority": each["priority"],
            "Delay": each["delay"],
        }
        for each in request.take("queueConfigs", ())
    ]
    made = request.client("connect").create_routing_profile(
        InstanceId=within,
        Name=request.take("name"),
        Description=request.take("description"),
        DefaultOutboundQueueId=request.take("defaultOutboundQueueId"),
        MediaConcurrencies=[
            {"Channel": each["channel"], "Concurrency": each["concurrency"]}
            for each in request.take("mediaConcurrencies")
        ],
        **given(QueueConfigs=queues or None),
    )
    outputs = {"routingProfileId": made["RoutingProfileId"], "arn": made["RoutingProfileArn"]}
    return Built(f"{within}:{made['RoutingProfileId']}", outputs)


def security_profile(request: Request) -> Built:
    """CreateSecurityProfile."""
    within = request.take("instanceId")
    made = request.client("connect").create_security_profile(
        InstanceId=within,
        SecurityProfileName=request.take("name"),
        Permissions=list(request.take("permissions", ())),
        **given(Description=request.take("description", None)),
    )
    outputs = {"securityProfileId": made["SecurityProfileId"], "arn": made["SecurityProfileArn"]}
    return Built(f"{within}:{made['SecurityProfileId']}", outputs)


def user(request: Request) -> Built:
    """CreateUser."""
    within = request.take("instanceId")
    identity, phone = request.take("identityInfo"), request.take("phoneConfig")
    made = request.client("connect").create_user(
        InstanceId=within,
        Username=request.take("name"),
        RoutingProfileId=request.take("routingProfileId"),
        SecurityProfileIds=list(request.take("securityProfileIds")),
        IdentityInfo={"FirstName": identity["firstName"], "LastName": identity["lastName"]},
        PhoneConfig={
            "PhoneType": phone["phoneType"],
            "AfterContactWorkTimeLimit": phone["afterContactWorkTimeLimit"],
            **given(DeskPhoneNumber=phone.get("deskPhoneNumber")),
        },
    )
    return Built(f"{within}:{made['UserId']}", {"userId": made["UserId"], "arn": made["UserArn"]})


def phone_number(request: Request) -> Built:
    """SearchAvailablePhoneNumbers, ClaimPhoneNumber, then wait for CLAIMED."""
    connect = request.client("connect")
    target = request.take("targetArn")
    offered = connect.search_available_phone_numbers(
        TargetArn=target,
        PhoneNumberCountryCode=request.take("countryCode"),
        PhoneNumberType=request.take("type"),
        MaxResults=1,
    )["AvailableNumbersList"][0]["PhoneNumber"]
    made = connect.claim_phone_number(
        TargetArn=target,
        PhoneNumber=offered,
        ClientToken=request.token,
        **given(PhoneNumberDescription=request.take("description", None)),
    )

    def claimed() -> bool:
        summary = connect.describe_phone_number(PhoneNumberId=made["PhoneNumberId"])["ClaimedPhoneNumberSummary"]
        return bool(summary["PhoneNumberStatus"]["Status"] == "CLAIMED")

    request.wait_until(claimed)
    return Built(made["PhoneNumberId"], {"arn": made["PhoneNumberArn"], "phoneNumber": offered})


def phone_number_contact_flow_association(request: Request) -> Built:
    """AssociatePhoneNumberContactFlow."""
    number, within, flow = (request.take(key) for key in ("phoneNumberId", "instanceId", "contactFlowId"))
    request.client("connect").associate_phone_number_contact_flow(
        PhoneNumberId=number, InstanceId=within, ContactFlowId=flow
    )
    return Built(f"{number},{within},{flow}")
