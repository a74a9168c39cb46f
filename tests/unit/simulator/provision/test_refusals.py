"""Programs that are wrong, each in one way, and what is said of them."""

from __future__ import annotations

import asyncio
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from moto.moto_api._internal import mock_random

from drills.simulator.provisioners.request import Unprovisionable
from orchestrator.model.errors import NotSimulated

EAST = "us-east-1"


def at(region: str) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions(provider=aws.Provider(f"aws-{region}", region=region))


def declares_a_queue() -> None:
    aws.connect.Queue("general", name="general", instance_id="i", hours_of_operation_id="h", opts=at(EAST))


def test_a_mirrored_resource_in_the_standby_is_refused(cloud: Any) -> None:
    with pytest.raises(Unprovisionable, match="AWS mirrors") as refused:
        cloud.provision("standby", program=declares_a_queue)
    assert refused.value.urn.endswith("aws:connect/queue:Queue::general")
    assert "primary only" in refused.value.remedy


def test_the_same_resource_in_the_primary_gets_as_far_as_aws(cloud: Any) -> None:
    with pytest.raises(Unprovisionable, match=r"AWS refuses .*ResourceNotFoundException"):
        cloud.provision("primary", program=declares_a_queue)


def test_a_type_that_no_builder_knows_is_named(cloud: Any) -> None:
    with pytest.raises(NotSimulated, match=r"aws:sqs/queue:Queue"):
        cloud.provision("global", program=lambda: aws.sqs.Queue("letters", opts=at(EAST)) and None)


def test_an_input_that_no_builder_carries_out_is_named(cloud: Any) -> None:
    def program() -> None:
        aws.sns.Topic("incident", name="incident", fifo_topic=True, opts=at(EAST))

    with pytest.raises(NotSimulated, match=r"aws:sns/topic:Topic\.fifoTopic"):
        cloud.provision("global", program=program)


def test_an_input_with_another_value_than_the_simulated_one_is_named(cloud: Any) -> None:
    def program() -> None:
        aws.route53.HealthCheck("site", type="HTTPS", fqdn="www.contact.example", opts=at(EAST))

    with pytest.raises(NotSimulated, match=r"HealthCheck\.type other than 'CLOUDWATCH_METRIC'"):
        cloud.provision("global", program=program)


def test_a_look_up_without_an_answer_is_named(cloud: Any) -> None:
    with pytest.raises(NotSimulated, match="getAvailabilityZones"):
        cloud.provision("global", program=lambda: aws.get_availability_zones_output() and None)


def test_a_resource_without_a_provider_has_no_region(cloud: Any) -> None:
    with pytest.raises(Unprovisionable, match="names no provider"):
        cloud.provision("global", program=lambda: aws.sns.Topic("incident", name="incident") and None)


def test_two_resources_of_one_name_are_refused(cloud: Any) -> None:
    def program() -> None:
        here = at(EAST)
        for _ in range(2):
            aws.sns.Topic("incident", name="incident", opts=here)

    with pytest.raises(Unprovisionable, match="two resources are"):
        cloud.provision("global", program=program)


def test_a_stack_that_is_not_up_cannot_be_referred_to(cloud: Any) -> None:
    with pytest.raises(Unprovisionable, match="global is not up"):
        cloud.provision("primary")


def test_a_role_without_configuration_is_refused(cloud: Any) -> None:
    with pytest.raises(Unprovisionable, match="does not exist"):
        cloud.provision("spare")


def test_an_error_of_the_program_itself_comes_out_as_it_is(cloud: Any) -> None:
    def program() -> None:
        raise ZeroDivisionError("of the program")

    with pytest.raises(ZeroDivisionError, match="of the program"):
        cloud.provision("global", program=program)


def test_a_run_that_failed_does_not_spoil_the_next(cloud: Any) -> None:
    with pytest.raises(NotSimulated):
        cloud.provision("global", program=lambda: aws.sqs.Queue("letters", opts=at(EAST)) and None)
    assert cloud.provision("global").outputs["zone_name"] == "contact.example"
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()


def test_moto_draws_on_as_if_nothing_had_been_provisioned(cloud: Any) -> None:
    mock_random.seed(7)
    expected = mock_random.random()
    mock_random.seed(7)
    cloud.provision("global")
    assert mock_random.random() == expected


def test_secrets_are_opened_before_they_reach_aws(cloud: Any) -> None:
    def program() -> None:
        aws.sns.Topic("incident", name=pulumi.Output.secret("hidden"), opts=at(EAST))

    cloud.provision("global", program=program)
    (topic,) = cloud.client("sns", EAST).list_topics()["Topics"]
    assert topic["TopicArn"].endswith(":hidden")
