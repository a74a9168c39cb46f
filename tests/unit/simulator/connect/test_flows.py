"""Flows, functions, and the numbers that flows answer."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from drills.simulator.aws.connect import estate

RECORD = "UpdateContactRecordingBehavior"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:flags"


def test_a_flow_reads_back_with_its_hash(centre: Any, make_flow: Any) -> None:
    # By botocore's model, DescribeContactFlow: FlowContentSha256
    flow = centre.connect.describe_contact_flow(InstanceId=centre.id, ContactFlowId=centre.flow)["ContactFlow"]
    content = json.dumps(make_flow(centre.queue))
    assert flow["Content"] == content
    assert flow["FlowContentSha256"] == hashlib.sha256(content.encode()).hexdigest()
    assert (flow["Status"], flow["State"], flow["Arn"]) == (
        "PUBLISHED",
        "ACTIVE",
        f"{centre.arn}/contact-flow/{centre.flow}",
    )


def _create(centre: Any, content: str, **more: Any) -> Any:
    return centre.connect.create_contact_flow(
        InstanceId=centre.id, Name="tried", Type="CONTACT_FLOW", Content=content, **more
    )


def _problems(cloud: Any, centre: Any, flow: Any) -> list[str]:
    content = flow if isinstance(flow, str) else json.dumps(flow)
    answer = cloud.refused("InvalidContactFlowException", _create, centre=centre, content=content)
    return [problem["message"] for problem in answer["problems"]]


def test_a_flow_with_every_simulated_action_is_valid(centre: Any, make_action: Any) -> None:
    # API Reference, "Amazon Connect Flow language" and the page of each action
    compare = make_action("compare", "Compare", "greet", ComparisonValue="$.External.greeting")
    condition = {"Operator": "Equals", "Operands": ["on"]}
    compare["Transitions"]["Conditions"] = [{"NextAction": "wait", "Condition": condition}]
    wait = make_action("wait", "Wait", TimeoutSeconds="5")
    completed = {"Operator": "Equals", "Operands": ["WaitCompleted"]}
    wait["Transitions"] = {"Conditions": [{"NextAction": "greet", "Condition": completed}], "Errors": []}
    flow = {
        "Version": "2019-10-30",
        "StartAction": "ask",
        "Actions": [
            make_action(
                "ask", "InvokeLambdaFunction", "compare", LambdaFunctionARN=FUNCTION, InvocationTimeLimitSeconds="8"
            ),
            compare,
            wait,
            make_action("greet", "MessageParticipant", "choose", Text="Welcome"),
            make_action("choose", "UpdateContactTargetQueue", "transfer", QueueId=f"{centre.arn}/queue/{centre.queue}"),
            make_action("transfer", "TransferContactToQueue", "end"),
            make_action("end", "DisconnectParticipant"),
        ],
    }
    assert _create(centre, json.dumps(flow))["ContactFlowId"]


def test_a_flow_to_a_queue_that_does_not_exist_is_invalid(cloud: Any, centre: Any, make_flow: Any) -> None:
    # By botocore's model: InvalidContactFlowException with problems
    (problem,) = _problems(cloud, centre, make_flow("gone"))
    assert "action choose" in problem
    assert "queue gone does not exist in us-east-1" in problem


def test_a_queue_of_another_region_does_not_exist_here(cloud: Any, centre: Any, make_flow: Any) -> None:
    elsewhere = f"{centre.arn.replace('us-east-1', 'us-west-2')}/queue/{centre.queue}"
    (problem,) = _problems(cloud, centre, make_flow(elsewhere))
    assert "does not exist" in problem


def test_a_queue_named_by_the_flow_s_own_region_travels(centre: Any, make_flow: Any) -> None:
    # Administrator Guide, "Create a replica": replace hard-coded Regions by $.AwsRegion
    portable = f"{centre.arn.replace('us-east-1', '$.AwsRegion')}/queue/{centre.queue}"
    assert _create(centre, json.dumps(make_flow(portable)))["ContactFlowId"]


def _become(flow: Any, kind: str, **parameters: Any) -> None:
    flow["Actions"][0].update(Type=kind, Parameters=parameters)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda flow: flow.update(StartAction="nowhere"), "StartAction nowhere is no action"),
        (lambda flow: flow.pop("Version"), "Version must be 2019-10-30"),
        (lambda flow: flow.update(Actions=[]), "needs a list of Actions"),
        (lambda flow: flow["Actions"][0]["Transitions"].update(NextAction="x"), "next action x is no action"),
        (lambda flow: flow["Actions"][0].update(Transitions={}), "no action comes next"),
        (lambda flow: flow["Actions"][0].update(Parameters={}), "one of Text, SSML, PromptId or Media"),
        (lambda flow: flow["Actions"][1].update(Identifier="greet"), "an Identifier of its own"),
        (lambda flow: flow["Actions"][3].update(Identifier="end[0]"), "Identifier end[0] is too long or has one of"),
        (lambda flow: _become(flow, "Wait"), "TimeoutSeconds must be between 1 and 604800"),
        (lambda flow: _become(flow, "Wait", TimeoutSeconds="604801"), "TimeoutSeconds must be between 1 and 604800"),
        (lambda flow: _become(flow, "Wait", TimeoutSeconds="5"), "a condition for WaitCompleted is needed"),
        (lambda flow: _become(flow, "Compare", ComparisonValue="on"), "ComparisonValue is not one JSONPath"),
        (lambda flow: _become(flow, "InvokeLambdaFunction"), "InvocationTimeLimitSeconds must be between 1 and 8"),
        (lambda flow: _become(flow, "InvokeLambdaFunction"), "LambdaFunctionARN is neither an ARN nor a JSONPath"),
        (lambda flow: _become(flow, RECORD), "RecordedParticipants must be a list, of Agent and Customer alone"),
        (lambda flow: _become(flow, RECORD, RecordingBehavior={"RecordedParticipants": "$.x"}), "must be a list"),
        (lambda flow: _become(flow, RECORD, RecordingBehavior={"RecordedParticipants": ["Bot"]}), "Customer alone"),
    ],
)
def test_a_broken_flow_says_what_is_broken(cloud: Any, centre: Any, make_flow: Any, spoil: Any, said: str) -> None:
    flow = make_flow(centre.queue)
    spoil(flow)
    assert any(said in problem for problem in _problems(cloud, centre, flow))


def test_recording_takes_no_branch_for_errors_and_has_no_place_in_whispers(
    cloud: Any, centre: Any, make_flow: Any, make_action: Any
) -> None:
    # API Reference, UpdateContactRecordingBehavior: "Errors: None", "not supported in agent/customer whispers or hold"
    flow = make_flow(centre.queue)
    behaviour = {"RecordedParticipants": ["Agent", "Customer"]}
    recorded = make_action("record", RECORD, flow["StartAction"], RecordingBehavior=behaviour)
    flow = {**flow, "StartAction": "record", "Actions": [recorded, *flow["Actions"]]}
    assert _create(centre, json.dumps(flow))["ContactFlowId"]
    own = {"InstanceId": centre.id, "Name": "whispered", "Type": "AGENT_WHISPER", "Content": json.dumps(flow)}
    answer = cloud.refused("InvalidContactFlowException", centre.connect.create_contact_flow, **own)
    assert f"{RECORD} has no place in a flow of the type AGENT_WHISPER" in answer["problems"][0]["message"]
    recorded["Transitions"]["Errors"] = [{"ErrorType": "NoMatchingError", "NextAction": "end"}]
    assert _problems(cloud, centre, flow) == ["action record: it has no errors, hence no branch for them"]


def test_content_that_is_no_json_or_too_long_is_invalid(cloud: Any, centre: Any) -> None:
    # By botocore's model: ContactFlowContent, maximum length of 256000
    assert "not JSON" in _problems(cloud, centre, "{")[0]
    cloud.wait(1)
    assert "256000 characters" in _problems(cloud, centre, "x" * 256_001)[0]


def test_a_saved_flow_is_not_validated(centre: Any, make_flow: Any) -> None:
    # By botocore's model: "the SAVED status does not initiate validation of the content"
    assert "FlowContentSha256" not in _create(centre, json.dumps(make_flow("gone")), Status="SAVED")


def test_an_action_that_is_not_simulated_is_loud(centre: Any, make_action: Any) -> None:
    flow = {
        "Version": "2019-10-30",
        "StartAction": "bot",
        "Actions": [make_action("bot", "ConnectParticipantWithLexBot")],
    }
    with pytest.raises(NotImplementedError, match="ConnectParticipantWithLexBot"):
        _create(centre, json.dumps(flow))


def test_functions_are_associated_per_region_and_listed_in_pages(cloud: Any, pair: Any) -> None:
    # By botocore's model, ListLambdaFunctions: MaxResult25
    arns = [f"{FUNCTION}-{number:02}" for number in range(26)]
    for arn in arns:
        pair.connect.associate_lambda_function(InstanceId=pair.id, FunctionArn=arn)
        cloud.wait(1)
    first = pair.connect.list_lambda_functions(InstanceId=pair.id)
    rest = pair.connect.list_lambda_functions(InstanceId=pair.id, NextToken=first["NextToken"])
    assert first["LambdaFunctions"] + rest["LambdaFunctions"] == arns
    assert len(first["LambdaFunctions"]) == 25
    assert estate.site(cloud.account, pair.id, "us-east-1").lambda_arns() == frozenset(arns)
    cloud.wait(3600)
    assert cloud.client("us-west-2").list_lambda_functions(InstanceId=pair.id)["LambdaFunctions"] == []


def test_a_function_is_associated_once_and_must_be_one(cloud: Any, centre: Any) -> None:
    associate = centre.connect.associate_lambda_function
    associate(InstanceId=centre.id, FunctionArn=FUNCTION, ClientToken="once")
    associate(InstanceId=centre.id, FunctionArn=FUNCTION, ClientToken="once")
    cloud.refused("ResourceConflictException", associate, InstanceId=centre.id, FunctionArn=FUNCTION)
    cloud.refused("InvalidParameterException", associate, InstanceId=centre.id, FunctionArn="flags")


def test_a_number_rings_the_flow_that_it_is_linked_to(cloud: Any, centre: Any, make_flow: Any) -> None:
    # By botocore's model, AssociatePhoneNumberContactFlow and ListFlowAssociations
    number = centre.new_number()
    site = estate.site(cloud.account, centre.id, "us-east-1")
    assert site.flow_content(number["PhoneNumberArn"]) is None
    centre.connect.associate_phone_number_contact_flow(
        PhoneNumberId=number["PhoneNumberId"], InstanceId=centre.id, ContactFlowId=centre.flow
    )
    assert site.flow_content(number["PhoneNumberArn"]) == make_flow(centre.queue)
    listed = centre.connect.list_flow_associations(InstanceId=centre.id, ResourceType="VOICE_PHONE_NUMBER")
    assert listed["FlowAssociationSummaryList"] == [
        {
            "ResourceId": number["PhoneNumberArn"],
            "FlowId": f"{centre.arn}/contact-flow/{centre.flow}",
            "ResourceType": "VOICE_PHONE_NUMBER",
        }
    ]


def test_a_number_is_linked_to_flows_of_its_own_instance_only(cloud: Any, centre: Any, make_centre: Any) -> None:
    number, other = centre.new_number(), make_centre(alias="other")
    associate = centre.connect.associate_phone_number_contact_flow
    own = {"PhoneNumberId": number["PhoneNumberId"], "InstanceId": centre.id}
    cloud.refused("ResourceNotFoundException", associate, **own, ContactFlowId=other.flow)
    cloud.refused("ResourceNotFoundException", associate, **{**own, "InstanceId": other.id}, ContactFlowId=other.flow)


def test_a_group_s_number_is_linked_in_each_region_and_by_full_arn_in_the_other(
    cloud: Any, pair: Any, make_flow: Any
) -> None:
    # By botocore's model, AssociatePhoneNumberContactFlow: a UUID in the alternate Region is not found
    number = pair.new_number(pair.new_group())
    west = cloud.client("us-west-2")
    link = {"InstanceId": pair.id, "ContactFlowId": pair.flow}
    pair.connect.associate_phone_number_contact_flow(PhoneNumberId=number["PhoneNumberId"], **link)
    site = estate.site(cloud.account, pair.id, "us-west-2")
    cloud.wait(3600)
    assert site.flow_content(number["PhoneNumberArn"]) is None
    associate = west.associate_phone_number_contact_flow
    cloud.refused("ResourceNotFoundException", associate, PhoneNumberId=number["PhoneNumberId"], **link)
    associate(PhoneNumberId=number["PhoneNumberArn"], **link)
    assert site.flow_content(number["PhoneNumberArn"]) == make_flow(pair.queue)
    (listed,) = west.list_flow_associations(InstanceId=pair.id)["FlowAssociationSummaryList"]
    assert listed["ResourceId"] == number["PhoneNumberArn"]
