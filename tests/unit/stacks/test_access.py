"""The roles that people take, as `pulumi preview` would see it and as the simulated cloud takes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws
import pytest

from drills.simulator.provision import preview
from stacks.access import BREAK_GLASS, DUTIES, RECOVERY, STAND_IN, Access, AccessSettings, Duty, access_settings, filled
from stacks.settings import SettingsRefused

if TYPE_CHECKING:
    from drills.simulator.provisioners.request import Declared

CONFIG = Path(__file__).parents[3] / "config"
DOCUMENTS = CONFIG / "policies"
ACCOUNT = "123456789012"
GROUP = f"arn:aws:connect:us-east-1:{ACCOUNT}:traffic-distribution-group/"


def side(region: str, group: str = GROUP) -> dict[str, Any]:
    return {
        "region": region,
        "account": ACCOUNT,
        "flags_table": "contact-centre-flags",
        "topics": {"incident": f"arn:aws:sns:{region}:{ACCOUNT}:contact-centre-incident"},
        "evacuation_metric": {"namespace": "ContactCentre/Failover", "name": "EvacuateOtherSide"},
        "connect": {
            "instance_id": "11111111-2222-4333-8444-555555555555",
            "traffic_group_arn": group and f"{group}a",
            "default_traffic_group_arn": group and f"{group}b",
        },
    }


VALUES = {"partition": "aws", "primary": side("us-east-1"), "standby": side("us-west-2")}


def settings(duty: Duty) -> AccessSettings:
    principals = ("user/a", "user/b") if duty.mfa else ("role/duty", "user/breaker")
    return AccessSettings(duty=duty, principals=principals, session_hours=min(2, duty.hours_most))


def declared(values: dict[str, Any] = VALUES, duty: Duty = RECOVERY) -> dict[str, Declared]:
    def program() -> None:
        provider = aws.Provider("aws-us-west-2", region="us-west-2")
        Access(
            "contact-centre", settings=settings(duty), account=ACCOUNT, documents=DOCUMENTS, values=values,
            opts=pulumi.ResourceOptions(provider=provider),
        )  # fmt: skip

    graph = preview("standby", config_dir=CONFIG, account=ACCOUNT, outputs={}, program=program)
    return {each.type.rpartition(":")[2]: each for each in graph if each.type.startswith("aws:iam")}


def statements(values: dict[str, Any] = VALUES) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = filled(json.loads((DOCUMENTS / "recovery.json").read_text()), values)["Statement"]
    return found


def test_only_the_principals_named_may_take_the_role_and_no_longer_than_configured() -> None:
    role = declared()["Role"]
    (trust,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"AWS": [f"arn:aws:iam::{ACCOUNT}:role/duty", f"arn:aws:iam::{ACCOUNT}:user/breaker"]}
    assert role.inputs["maxSessionDuration"] == 7_200


@pytest.mark.parametrize("duty", [STAND_IN, BREAK_GLASS], ids=lambda each: each.name)
def test_who_stands_in_or_breaks_the_glass_shows_a_second_factor(duty: Duty) -> None:
    role = declared(duty=duty)["Role"]
    (trust,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
    assert trust["Condition"] == {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    assert trust["Principal"] == {"AWS": [f"arn:aws:iam::{ACCOUNT}:user/a", f"arn:aws:iam::{ACCOUNT}:user/b"]}
    assert role.inputs["name"] == f"contact-centre-{duty.name}"


def test_the_glass_is_broken_for_an_hour() -> None:
    assert declared(duty=BREAK_GLASS)["Role"].inputs["maxSessionDuration"] == 3_600


@pytest.mark.parametrize("duty", DUTIES, ids=lambda each: each.name)
def test_each_role_gets_its_own_document_filled_in(duty: Duty) -> None:
    policy = declared(duty=duty)["RolePolicy"].inputs["policy"]
    document = json.loads((DOCUMENTS / f"{duty.name}.json").read_text())
    assert json.loads(policy) == filled(document, VALUES)
    assert len("".join(policy.split())) < 10_240


def test_its_policy_is_the_document_with_every_placeholder_filled_in() -> None:
    policy = declared()["RolePolicy"].inputs["policy"]
    assert "${" not in policy
    assert json.loads(policy)["Statement"] == statements()
    assert len("".join(policy.split())) < 10_240


def test_a_resource_that_both_sides_share_is_named_once() -> None:
    groups = next(each["Resource"] for each in statements() if each["Sid"] == "ConnectTrafficGroup")
    assert groups == [f"{GROUP}b", f"{GROUP}a"]


def test_where_there_are_no_traffic_groups_nobody_may_distribute_traffic() -> None:
    independent = {**VALUES, "primary": side("us-east-1", ""), "standby": side("us-west-2", "")}
    allowed = {action for each in statements(independent) for action in each["Action"]}
    assert "connect:UpdateTrafficDistribution" not in allowed
    assert "connect:UpdateUserRoutingProfile" in allowed


def test_every_placeholder_without_a_value_is_told() -> None:
    with pytest.raises(SettingsRefused) as refused:
        statements({**VALUES, "standby": {**side("us-west-2"), "topics": {}, "flags_table": None}})
    assert len(refused.value.faults) == 2
    assert "standby.flags_table" in refused.value.faults[0]


def test_iams_own_variables_are_left_as_they_are() -> None:
    policy = {"Statement": [{"Resource": ["arn:${partition}:s3:::b/${aws:username}"]}]}
    assert filled(policy, VALUES)["Statement"][0]["Resource"] == ["arn:aws:s3:::b/${aws:username}"]


class Keys(dict[str, Any]):
    def get_object(self, key: str) -> Any:
        return self.get(key)


def test_without_principals_there_is_no_role() -> None:
    assert access_settings(Keys()) == ()


def test_settings_have_a_default_session_and_an_order_of_their_own() -> None:
    found = access_settings(Keys(recovery_principals=["user/b", "role/a", "user/b"]))
    assert found == (AccessSettings(duty=RECOVERY, principals=("role/a", "user/b"), session_hours=4),)


def test_each_duty_has_keys_of_its_own() -> None:
    found = access_settings(Keys(stand_in_principals=["user/s"], break_glass_principals=["user/b"]))
    assert [(each.duty, each.principals, each.session_hours) for each in found] == [
        (STAND_IN, ("user/s",), 4),
        (BREAK_GLASS, ("user/b",), 1),
    ]


@pytest.mark.parametrize(
    ("given", "faults"),
    [
        ({"recovery_principals": []}, 1),
        ({"recovery_principals": ["*"]}, 1),
        ({"recovery_principals": ["arn:aws:iam::999999999999:root"]}, 1),
        ({"recovery_principals": ["root", "role/*", 3], "recovery_session_hours": 13}, 4),
        ({"recovery_principals": ["role/a"], "recovery_session_hours": True}, 1),
        # Single sign-on opens sessions of roles, without a second factor in them.
        ({"stand_in_principals": ["role/a"], "break_glass_principals": ["role/b", "user/c"]}, 2),
        ({"break_glass_principals": ["user/a"], "break_glass_session_hours": 2}, 1),
    ],
)
def test_whoever_is_not_of_this_account_and_named_is_refused(given: dict[str, Any], faults: int) -> None:
    with pytest.raises(SettingsRefused) as refused:
        access_settings(Keys(given))
    assert len(refused.value.faults) == faults
