"""Phones of users, by botocore's UpdateUserConfig ("replaces the UpdateUserPhoneConfig API") and DescribeUser."""

from __future__ import annotations

from typing import Any

NUMBER, OTHER = "+12065550101", "+12065550102"


def described(centre: Any) -> dict[str, Any]:
    return dict(centre.connect.describe_user(InstanceId=centre.id, UserId=centre.agent)["User"])


def phone(kind: str, number: str = "", channel: str = "VOICE") -> dict[str, Any]:
    return {"Channel": channel, "PhoneType": kind, **({"PhoneNumber": number} if number else {})}


def update(centre: Any, *phones: dict[str, Any]) -> None:
    centre.connect.update_user_config(InstanceId=centre.id, UserId=centre.agent, PhoneNumberConfigs=list(phones))


def test_a_phone_is_changed_and_after_contact_work_is_not(cloud: Any, centre: Any) -> None:
    agent = centre.new_agent("grace", PhoneConfig={"PhoneType": "SOFT_PHONE", "AfterContactWorkTimeLimit": 45})
    cloud.wait(3)
    asked = {"InstanceId": centre.id, "UserId": agent}
    centre.connect.update_user_config(PhoneNumberConfigs=[phone("DESK_PHONE", NUMBER)], **asked)
    user = centre.connect.describe_user(**asked)["User"]
    assert user["PhoneNumberConfigs"] == [phone("DESK_PHONE", NUMBER)]
    assert user["PhoneConfig"] == {
        "PhoneType": "DESK_PHONE", "DeskPhoneNumber": NUMBER, "AfterContactWorkTimeLimit": 45,
    }  # fmt: skip


def test_a_search_shows_the_phones_too(centre: Any) -> None:
    update(centre, phone("DESK_PHONE", NUMBER))
    (user,) = centre.connect.search_users(InstanceId=centre.id)["Users"]
    assert user["PhoneNumberConfigs"] == [phone("DESK_PHONE", NUMBER)]


def test_a_channels_entry_is_replaced_whole_and_an_empty_list_changes_nothing(centre: Any) -> None:
    update(centre, phone("DESK_PHONE", NUMBER))
    update(centre)
    assert described(centre)["PhoneNumberConfigs"] == [phone("DESK_PHONE", NUMBER)]
    update(centre, phone("SOFT_PHONE"))
    assert described(centre)["PhoneNumberConfigs"] == [phone("SOFT_PHONE")]


def test_what_the_model_does_not_support_is_refused(cloud: Any, centre: Any) -> None:
    # "Only VOICE is supported for this data type."; the pattern of SensitivePhoneNumber
    for wrong in (
        [phone("SOFT_PHONE", channel="CHAT")],
        [phone("SOFT_PHONE"), phone("DESK_PHONE", OTHER)],
        [phone("DESK_PHONE")],
        [phone("DESK_PHONE", "555-0100")],
    ):
        call = centre.connect.update_user_config
        asked = {"InstanceId": centre.id, "UserId": centre.agent, "PhoneNumberConfigs": wrong}
        cloud.refused("InvalidParameterException", call, **asked)
    nobody = {"InstanceId": centre.id, "UserId": "nobody", "PhoneNumberConfigs": []}
    cloud.wait(3)
    cloud.refused("ResourceNotFoundException", centre.connect.update_user_config, **nobody)


def test_a_phone_arrives_in_the_other_region_with_lag(cloud: Any, pair: Any) -> None:
    update(pair, phone("DESK_PHONE", NUMBER))
    asked = {"InstanceId": pair.id, "UserId": pair.agent}
    west = cloud.client("us-west-2")
    assert "PhoneNumberConfigs" not in west.describe_user(**asked)["User"]
    cloud.wait(61)
    assert west.describe_user(**asked)["User"]["PhoneNumberConfigs"] == [phone("DESK_PHONE", NUMBER)]
