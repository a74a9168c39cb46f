"""Phone numbers. All of them are fictional: 555-0100 to 555-0199."""

from __future__ import annotations

import re
from typing import Any

import pytest

from drills.simulator.aws.connect import estate
from drills.simulator.aws.connect.backend import backends
from drills.simulator.aws.connect.buckets import without_throttling

EAST, WEST = "us-east-1", "us-west-2"
ONCE = "0d9b5d1c-1111-4222-8333-444455556666"
US = {"PhoneNumberCountryCode": "US", "PhoneNumberType": "DID"}


def _status(connect: Any, number: Any) -> Any:
    return connect.describe_phone_number(PhoneNumberId=number["PhoneNumberId"])["ClaimedPhoneNumberSummary"]


def test_only_fictional_numbers_are_offered_and_a_claimed_one_no_more(cloud: Any, centre: Any) -> None:
    # By botocore's model, SearchAvailablePhoneNumbers: MaxResult10
    search = centre.connect.search_available_phone_numbers
    free = [entry["PhoneNumber"] for entry in search(TargetArn=centre.arn, **US)["AvailableNumbersList"]]
    assert len(free) == 10
    assert all(re.fullmatch(r"\+120655501\d\d", number) for number in free)
    centre.connect.claim_phone_number(TargetArn=centre.arn, PhoneNumber=free[0])
    after = [entry["PhoneNumber"] for entry in search(TargetArn=centre.arn, **US)["AvailableNumbersList"]]
    assert after[:9] == free[1:]
    cloud.refused(
        "ResourceNotFoundException", centre.connect.claim_phone_number, TargetArn=centre.arn, PhoneNumber=free[0]
    )
    cloud.refused("InvalidParameterException", search, TargetArn=centre.arn, MaxResults=11, **US)


def test_a_number_outside_fiction_cannot_be_claimed(cloud: Any, centre: Any) -> None:
    claim = centre.connect.claim_phone_number
    cloud.refused("InvalidParameterException", claim, TargetArn=centre.arn, PhoneNumber="+12065550200")


def test_a_claim_is_in_progress_before_it_is_claimed_and_rings_nowhere_till_then(cloud: Any, centre: Any) -> None:
    # By botocore's model, PhoneNumberStatus
    number = centre.connect.claim_phone_number(TargetArn=centre.arn, PhoneNumber="+12065550100")
    assert _status(centre.connect, number)["PhoneNumberStatus"] == {"Status": "IN_PROGRESS"}
    assert estate.telephony_shares(cloud.account, number["PhoneNumberArn"]) == {}
    cloud.wait(15)
    described = _status(centre.connect, number)
    assert described["PhoneNumberStatus"] == {"Status": "CLAIMED"}
    assert (described["TargetArn"], described["InstanceId"]) == (centre.arn, centre.id)
    assert estate.telephony_shares(cloud.account, number["PhoneNumberArn"]) == {EAST: 100}
    (known,) = estate.numbers(cloud.account)
    assert (known.arn, known.e164, known.region) == (number["PhoneNumberArn"], "+12065550100", EAST)


def test_a_repeated_token_claims_once_and_a_token_reused_for_another_is_refused(cloud: Any, centre: Any) -> None:
    # By botocore's model: ClientToken pattern (UUID in lower case), IdempotencyException 409
    claim = centre.connect.claim_phone_number
    asked = {"TargetArn": centre.arn, "PhoneNumber": "+12065550100", "ClientToken": ONCE}
    assert claim(**asked)["PhoneNumberId"] == claim(**asked)["PhoneNumberId"]
    assert len(estate.numbers(cloud.account)) == 1
    answer = cloud.refused("IdempotencyException", claim, **{**asked, "PhoneNumber": "+12065550101"})
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 409
    cloud.refused("InvalidParameterException", claim, **{**asked, "ClientToken": ONCE.upper()})


def test_a_number_s_id_comes_from_its_name_and_not_from_the_order_of_claims(cloud: Any, centre: Any) -> None:
    claim = centre.connect.claim_phone_number

    def ids(first: Any, second: Any) -> Any:
        return {
            name: claim(TargetArn=centre.arn, PhoneNumber=number, PhoneNumberDescription=name)["PhoneNumberId"]
            for name, number in (first, second)
        }

    with without_throttling():
        one = ids(("sales", "+12065550101"), ("support", "+12065550102"))
        for backend in backends(cloud.account):
            backend.numbers.clear()
        other = ids(("support", "+12065550101"), ("sales", "+12065550102"))
    assert one == other


@pytest.mark.parametrize("target", [{}, {"TargetArn": "both", "InstanceId": "both"}])
def test_either_a_target_or_an_instance_is_named(cloud: Any, centre: Any, target: dict[str, str]) -> None:
    # By botocore's model: "You must enter InstanceId or TargetArn"
    claim = centre.connect.claim_phone_number
    cloud.refused("InvalidParameterException", claim, PhoneNumber="+12065550100", **target)


def test_a_claim_is_made_in_the_region_of_its_target(cloud: Any, pair: Any) -> None:
    # By botocore's model: "only in the same Region where the instance or traffic distribution group was created"
    group, west = pair.new_group(), cloud.client(WEST)
    for target in (pair.arn, group):
        cloud.refused(
            "ResourceNotFoundException", west.claim_phone_number, TargetArn=target, PhoneNumber="+12065550100"
        )
    assert west.search_available_phone_numbers(TargetArn=group, **US)["AvailableNumbersList"]


def test_a_group_takes_numbers_only_when_it_is_active(cloud: Any, pair: Any) -> None:
    # Administrator Guide, "Claim phone numbers to traffic distribution groups": ResourceNotFoundException
    number = pair.new_number()
    group = pair.connect.create_traffic_distribution_group(Name="fresh", InstanceId=pair.id)["Arn"]
    move = {"PhoneNumberId": number["PhoneNumberId"], "TargetArn": group}
    cloud.refused("ResourceNotFoundException", pair.connect.update_phone_number, **move)
    cloud.refused(
        "ResourceNotFoundException", pair.connect.claim_phone_number, TargetArn=group, PhoneNumber="+12065550199"
    )
    cloud.wait(60)
    pair.connect.update_phone_number(**move)


def test_a_number_moves_to_a_group_without_its_flow_and_rings_the_old_one_meanwhile(
    cloud: Any, pair: Any, make_flow: Any
) -> None:
    # By botocore's model, UpdatePhoneNumber: "it doesn't migrate the flow configuration"
    number, group = pair.new_number(), pair.new_group()
    arn, site = number["PhoneNumberArn"], estate.site(cloud.account, pair.id, EAST)
    link = {"PhoneNumberId": arn, "InstanceId": pair.id, "ContactFlowId": pair.flow}
    pair.connect.associate_phone_number_contact_flow(**link)
    pair.connect.update_phone_number(PhoneNumberId=number["PhoneNumberId"], TargetArn=group)
    assert _status(pair.connect, number)["PhoneNumberStatus"]["Status"] == "IN_PROGRESS"
    assert site.flow_content(arn) == make_flow(pair.queue)
    cloud.wait(15)
    assert _status(pair.connect, number)["TargetArn"] == group
    assert "InstanceId" not in _status(pair.connect, number)
    assert site.flow_content(arn) is None
    assert pair.connect.list_flow_associations(InstanceId=pair.id)["FlowAssociationSummaryList"] == []
    assert estate.telephony_shares(cloud.account, arn) == {EAST: 100, WEST: 0}
    pair.connect.associate_phone_number_contact_flow(**link)
    assert site.flow_content(arn) == make_flow(pair.queue)


def test_moving_back_does_not_bring_the_old_flow_back(cloud: Any, centre: Any, make_centre: Any) -> None:
    number, other = centre.new_number(), make_centre(alias="other")
    site = estate.site(cloud.account, centre.id, EAST)
    number_id = number["PhoneNumberId"]
    centre.connect.associate_phone_number_contact_flow(
        PhoneNumberId=number_id, InstanceId=centre.id, ContactFlowId=centre.flow
    )
    for target in (other.arn, centre.arn):
        centre.connect.update_phone_number(PhoneNumberId=number_id, TargetArn=target)
        cloud.wait(15)
    assert estate.telephony_shares(cloud.account, number["PhoneNumberArn"]) == {EAST: 100}
    assert site.flow_content(number["PhoneNumberArn"]) is None


def test_a_number_that_is_moving_is_not_moved_again(cloud: Any, pair: Any) -> None:
    # By botocore's model, UpdatePhoneNumber: ResourceInUseException 409
    number, group = pair.new_number(), pair.new_group()
    move = pair.connect.update_phone_number
    move(PhoneNumberId=number["PhoneNumberId"], TargetArn=group)
    cloud.refused("ResourceInUseException", move, PhoneNumberId=number["PhoneNumberId"], TargetArn=pair.arn)


def test_a_number_does_not_leave_its_region(cloud: Any, pair: Any) -> None:
    # By botocore's model: "to another instance or traffic distribution group in the same Amazon Web Services Region"
    number, west = pair.new_number(pair.new_group()), cloud.client(WEST)
    arn, replica = number["PhoneNumberArn"], pair.arn.replace(EAST, WEST)
    cloud.refused(
        "ResourceNotFoundException",
        pair.connect.update_phone_number,
        PhoneNumberId=number["PhoneNumberId"],
        TargetArn=replica,
    )
    cloud.refused("ResourceNotFoundException", west.update_phone_number, PhoneNumberId=arn, TargetArn=replica)


def test_the_other_region_finds_a_group_s_number_by_full_arn_only(cloud: Any, pair: Any) -> None:
    # By botocore's model, DescribePhoneNumber: a UUID in the alternate Region gives ResourceNotFoundException
    number, west = pair.new_number(pair.new_group()), cloud.client(WEST)
    described = west.describe_phone_number(PhoneNumberId=number["PhoneNumberArn"])["ClaimedPhoneNumberSummary"]
    assert described["PhoneNumberArn"] == number["PhoneNumberArn"]
    cloud.refused("ResourceNotFoundException", west.describe_phone_number, PhoneNumberId=number["PhoneNumberId"])


def test_an_instance_s_number_is_unknown_in_the_other_region(cloud: Any, pair: Any) -> None:
    number = pair.new_number()
    describe = cloud.client(WEST).describe_phone_number
    cloud.refused("ResourceNotFoundException", describe, PhoneNumberId=number["PhoneNumberArn"])


def test_the_sixth_number_of_a_target_fails_and_a_failed_move_rings_where_it_did(
    cloud: Any, centre: Any, make_centre: Any
) -> None:
    # By botocore's model, PhoneNumberStatus FAILED: the target "has reached its limit of total claimed numbers"
    held = [centre.new_number(name=f"line {number}") for number in range(5)]
    centre.connect.update_phone_number(PhoneNumberId=held[0]["PhoneNumberId"], TargetArn=centre.arn)
    cloud.wait(15)
    assert _status(centre.connect, held[0])["PhoneNumberStatus"]["Status"] == "CLAIMED"
    sixth = centre.new_number(name="line 6")
    status = _status(centre.connect, sixth)["PhoneNumberStatus"]
    assert status["Status"] == "FAILED"
    assert "limit of 5" in status["Message"]
    assert estate.telephony_shares(cloud.account, sixth["PhoneNumberArn"]) == {}
    centre.connect.update_phone_number(PhoneNumberId=sixth["PhoneNumberId"], TargetArn=centre.arn)
    cloud.wait(15)
    assert _status(centre.connect, sixth)["PhoneNumberStatus"]["Status"] == "FAILED"
    other = make_centre(alias="other")
    moved = other.new_number(name="line 7")
    other.connect.update_phone_number(PhoneNumberId=moved["PhoneNumberId"], TargetArn=centre.arn)
    cloud.wait(15)
    assert _status(other.connect, moved)["PhoneNumberStatus"]["Status"] == "FAILED"
    assert _status(other.connect, moved)["TargetArn"] == other.arn
    assert estate.telephony_shares(cloud.account, moved["PhoneNumberArn"]) == {EAST: 100}
