"""Flow modules: what makes them valid, who may invoke them, and how they travel."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from drills.simulator.aws.connect import estate


@pytest.fixture
def module(make_action: Any) -> dict[str, Any]:
    said = make_action("say", "MessageParticipant", "end", Text="A word beforehand")
    end = make_action("end", "EndFlowModuleExecution")
    return {"Version": "2019-10-30", "StartAction": "say", "Actions": [said, end]}


def create(centre: Any, content: Any, **more: Any) -> Any:
    text = content if isinstance(content, str) else json.dumps(content)
    return centre.connect.create_contact_flow_module(InstanceId=centre.id, Name="greeting", Content=text, **more)


def test_a_module_reads_back_with_its_hash(centre: Any, module: Any) -> None:
    # By botocore's model: ContactFlowModule
    made = create(centre, module)
    described = centre.connect.describe_contact_flow_module(InstanceId=centre.id, ContactFlowModuleId=made["Id"])
    found = described["ContactFlowModule"]
    assert made["Arn"] == found["Arn"] == f"{centre.arn}/flow-module/{made['Id']}"
    assert (found["Name"], found["State"], found["Status"]) == ("greeting", "ACTIVE", "PUBLISHED")
    assert found["FlowModuleContentSha256"] == hashlib.sha256(json.dumps(module).encode()).hexdigest()


def test_a_broken_module_is_refused_with_its_problems(cloud: Any, centre: Any, module: Any) -> None:
    # By botocore's model: InvalidContactFlowModuleException with Problems
    module["StartAction"] = "nowhere"
    answer = cloud.refused("InvalidContactFlowModuleException", create, centre=centre, content=module)
    assert "StartAction nowhere is no action of this flow" in [each["message"] for each in answer["Problems"]]


def test_a_name_is_taken_once_and_a_repeated_token_makes_one_module(cloud: Any, centre: Any, module: Any) -> None:
    # By botocore's model: DuplicateResourceException, IdempotencyException, ClientToken
    first = create(centre, module, ClientToken="t")
    assert create(centre, module, ClientToken="t")["Id"] == first["Id"]
    cloud.wait(5)
    cloud.refused("DuplicateResourceException", create, centre=centre, content=module)
    cloud.refused("IdempotencyException", create, centre=centre, content=module, ClientToken="t", Description="other")


def invoking(make_action: Any, make_flow: Any, centre: Any, module_id: str) -> str:
    flow = make_flow(centre.queue)
    flow["Actions"].append(make_action("first", "InvokeFlowModule", "greet", FlowModuleId=module_id))
    return json.dumps({**flow, "StartAction": "first"})


def test_a_flow_may_invoke_a_module_that_exists(
    cloud: Any, centre: Any, module: Any, make_action: Any, make_flow: Any
) -> None:
    publish = centre.connect.create_contact_flow
    own = {"InstanceId": centre.id, "Name": "tried"}
    content = invoking(make_action, make_flow, centre, "nobodys")
    answer = cloud.refused("InvalidContactFlowException", publish, **own, Type="CONTACT_FLOW", Content=content)
    assert [each["message"] for each in answer["problems"]] == [
        "action first: flow module nobodys does not exist in us-east-1"
    ]
    content = invoking(make_action, make_flow, centre, create(centre, module)["Id"])
    cloud.wait(5)
    # API Reference, InvokeFlowModule: inbound flows only
    answer = cloud.refused("InvalidContactFlowException", publish, **own, Type="QUEUE_TRANSFER", Content=content)
    assert "InvokeFlowModule has no place" in answer["problems"][0]["message"]
    assert publish(**own, Type="CONTACT_FLOW", Content=content)["ContactFlowId"]


def test_a_flow_is_not_ended_as_a_module_is(cloud: Any, centre: Any, module: Any) -> None:
    # API Reference, EndFlowModuleExecution: in flow modules only
    own = {"InstanceId": centre.id, "Name": "tried", "Type": "CONTACT_FLOW", "Content": json.dumps(module)}
    answer = cloud.refused("InvalidContactFlowException", centre.connect.create_contact_flow, **own)
    assert "EndFlowModuleExecution has no place" in answer["problems"][0]["message"]


def test_a_module_is_mirrored_with_lag_under_its_own_id(cloud: Any, pair: Any, module: Any) -> None:
    made = create(pair, module)
    west = cloud.client("us-west-2")
    asked = {"InstanceId": pair.id, "ContactFlowModuleId": made["Id"]}
    cloud.refused("ResourceNotFoundException", west.describe_contact_flow_module, **asked)
    findings = pair.connect.list_replication_findings(InstanceId=pair.id, ResourceType="FLOW_MODULE")
    assert {each["Region"]: each["Count"] for each in findings["ApproximateDriftedResourceCounts"]} == {
        "us-east-1": 0,
        "us-west-2": 1,
    }
    cloud.wait(60)
    assert west.describe_contact_flow_module(**asked)["ContactFlowModule"]["Content"] == json.dumps(module)
    assert estate.site(cloud.account, pair.id, "us-west-2").module_content(made["Id"]) == module


def test_versions_and_aliases_are_not_simulated(centre: Any) -> None:
    with pytest.raises(NotImplementedError, match="version or alias"):
        centre.connect.describe_contact_flow_module(InstanceId=centre.id, ContactFlowModuleId="m:$SAVED")
