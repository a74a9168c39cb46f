"""The contact centre as the provisioner builds it: read back from both Regions, as agents and calls meet it there."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws
import pytest

from drills.simulator import provision
from drills.simulator.aws.connect import estate
from drills.simulator.provisioners import contact_centre
from orchestrator.model.errors import NotSimulated
from stacks.storage import Storage

if TYPE_CHECKING:
    from collections.abc import Callable

    from drills.simulator.provisioners.request import Built, Request

ACCOUNT = "123456789012"
EAST, WEST = "us-east-1", "us-west-2"
KEY = f"arn:aws:kms:{EAST}:{ACCOUNT}:key/mrk-1"
FEW = {"agent_groups": {"all": {"agents": 1, "queues": ["general"]}}}
BOTS = {"bots": {"reception": {"bot_id": "ABCDEFGHIJ", "alias_id": "TSTALIASID"}}}


def connect_part(cloud: Any, role: str = "primary") -> dict[str, Any]:
    part: dict[str, Any] = cloud.up[role].outputs["inventory"]["connect"]
    return part


def test_what_is_exported_exists_in_the_cloud(cloud: Any) -> None:
    cloud.provision("global")
    cloud.provision("primary", overrides=FEW)
    part, connect = connect_part(cloud), cloud.client("connect", EAST)
    own = {"InstanceId": part["instance_id"]}
    found = {each["Name"]: each["QuickConnectId"] for each in connect.search_quick_connects(**own)["QuickConnects"]}
    assert part["quick_connects"] == found
    assert set(found) == {"overflow-partner", "overflow", "vip", "general"}
    profiles = {each["Id"] for each in connect.search_security_profiles(**own)["SecurityProfiles"]}
    assert set(part["security_profiles"].values()) == profiles
    hours = connect.search_hours_of_operations(**own)["HoursOfOperations"]
    assert part["hours"] == {each["Name"]: each["HoursOfOperationId"] for each in hours}
    assert {queue["hours_id"] for queue in part["queues"].values()} == {part["hours"]["always"]}
    for module_id in part["flow_modules"].values():
        assert connect.describe_contact_flow_module(**own, ContactFlowModuleId=module_id)["ContactFlowModule"]
    assert set(part["flows"]) == {"main", "transfer"}


def test_agents_of_a_queue_are_offered_its_quick_connects(cloud: Any) -> None:
    cloud.provision("global")
    cloud.provision("primary", overrides=FEW)
    part, connect = connect_part(cloud), cloud.client("connect", EAST)
    offered = {}
    for name, queue in part["queues"].items():
        listed = connect.list_queue_quick_connects(InstanceId=part["instance_id"], QueueId=queue["id"])
        offered[name] = {each["Name"] for each in listed["QuickConnectSummaryList"]}
    assert offered["overflow"] == {"overflow-partner"}
    assert offered["general"] == {"overflow-partner", "overflow", "vip"}


def test_the_replica_has_what_is_mirrored_and_none_of_what_is_not(cloud: Any) -> None:
    cloud.all_up(**FEW, **BOTS)
    cloud.clock.advance(3600)
    part = connect_part(cloud)
    replica = estate.site(ACCOUNT, part["instance_id"], WEST)
    assert all(replica.module_content(each) for each in part["flow_modules"].values())
    assert all(replica.is_open(part["hours"][name]) is not None for name in ("always", "incident"))
    assert replica.bots == set()
    source = estate.site(ACCOUNT, part["instance_id"], EAST)
    assert source.bots == {f"arn:aws:lex:{EAST}:{ACCOUNT}:bot-alias/ABCDEFGHIJ/TSTALIASID"}
    assert cloud.up["primary"].outputs["inventory"]["bots"] == BOTS["bots"]
    assert cloud.up["standby"].outputs["inventory"]["bots"] == {}


@pytest.fixture
def with_storage(cloud: Any) -> Callable[..., str]:
    """Provision a small program: an instance and its storage; the instance's id."""

    def build(**more: Any) -> str:
        def program() -> None:
            here = pulumi.ResourceOptions(provider=aws.Provider(f"aws-{EAST}", region=EAST))
            instance = aws.connect.Instance(
                "instance", instance_alias="centre", identity_management_type="SAML", inbound_calls_enabled=True,
                outbound_calls_enabled=True, opts=here,
            )  # fmt: skip
            Storage(instance.id, bucket_name="recordings", key_arn=KEY, opts=here, **more)
            pulumi.export("instance", instance.id)

        return str(cloud.provision("primary", program=program).outputs["instance"])

    return build


def stored(cloud: Any, instance: str, kind: str) -> Any:
    listed = cloud.client("connect", EAST).list_instance_storage_configs(InstanceId=instance, ResourceType=kind)
    (config,) = listed["StorageConfigs"]
    return config


def test_recordings_and_transcripts_go_to_the_bucket_encrypted(cloud: Any, with_storage: Callable[..., str]) -> None:
    instance = with_storage()
    for kind, prefix in (("CALL_RECORDINGS", "call-recordings"), ("CHAT_TRANSCRIPTS", "chat-transcripts")):
        assert stored(cloud, instance, kind)["S3Config"] == {
            "BucketName": "recordings",
            "BucketPrefix": prefix,
            "EncryptionConfig": {"EncryptionType": "KMS", "KeyId": KEY},
        }
    records = cloud.client("connect", EAST).list_instance_storage_configs(
        InstanceId=instance, ResourceType="CONTACT_TRACE_RECORDS"
    )
    assert records["StorageConfigs"] == []


def test_what_is_stored_elsewhere_than_in_a_bucket_is_not_simulated(cloud: Any) -> None:
    stream = {"stream_arn": f"arn:aws:kinesis:{EAST}:{ACCOUNT}:stream/contacts"}

    def program() -> None:
        aws.connect.InstanceStorageConfig(
            "records", instance_id="i", resource_type="CONTACT_TRACE_RECORDS",
            storage_config={"storage_type": "KINESIS_STREAM", "kinesis_stream_config": stream},
            opts=pulumi.ResourceOptions(provider=aws.Provider(f"aws-{EAST}", region=EAST)),
        )  # fmt: skip

    with pytest.raises(NotSimulated, match="InstanceStorageConfig of KINESIS_STREAM"):
        cloud.provision("primary", program=program)


def test_the_calendar_that_is_exported_is_the_declared_one_whatever_a_refresh_reads_back(
    cloud: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def switched(request: Request) -> Built:
        made = contact_centre.queue(request)
        return replace(made, outputs={**made.outputs, "hoursOfOperationId": "incident", "maxContacts": 1})

    monkeypatch.setattr(provision, "BUILDERS", {**provision.BUILDERS, "aws:connect/queue:Queue": switched})
    cloud.provision("global")
    cloud.provision("primary", overrides=FEW)
    part = connect_part(cloud)
    assert {queue["hours_id"] for queue in part["queues"].values()} == {part["hours"]["always"]}
    assert {name: queue["max_contacts"] for name, queue in part["queues"].items()} == {
        "general": 80,
        "overflow": 60,
        "vip": 40,
    }


def test_of_cloud_control_only_the_association_of_bots_is_built(cloud: Any) -> None:
    def program() -> None:
        here = pulumi.ResourceOptions(provider=aws.Provider(f"aws-{EAST}", region=EAST))
        state = json.dumps({"IntegrationType": "APPLICATION", "InstanceId": "i", "IntegrationArn": "a"})
        aws.cloudcontrol.Resource("x", type_name="AWS::Connect::IntegrationAssociation", desired_state=state, opts=here)

    with pytest.raises(NotSimulated, match="IntegrationAssociation APPLICATION"):
        cloud.provision("primary", program=program)
