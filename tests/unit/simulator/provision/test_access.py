"""The role that recovers, built in the simulated cloud."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws

from stacks.access import RECOVERY, Access, AccessSettings

CONFIG = Path(__file__).parents[4] / "config"
ACCOUNT = "123456789012"


def test_the_recovery_role_is_made_from_what_the_stacks_export_and_iam_takes_its_policy(cloud: Any) -> None:
    cloud.all_up()
    sides = {name: cloud.up[name].outputs["inventory"] for name in ("global", "primary", "standby")}

    def program() -> None:
        Access(
            "contact-centre",
            settings=AccessSettings(duty=RECOVERY, principals=("role/duty",), session_hours=2),
            account=ACCOUNT,
            documents=CONFIG / "policies",
            values={"partition": "aws", **sides},
            opts=pulumi.ResourceOptions(provider=aws.Provider("aws-us-west-2", region="us-west-2")),
        )

    cloud.provision("standby", program=program)
    iam = cloud.client("iam", "us-east-1")
    assert iam.get_role(RoleName="contact-centre-recovery")["Role"]["MaxSessionDuration"] == 7_200
    policy = iam.get_role_policy(RoleName="contact-centre-recovery", PolicyName="recovery")["PolicyDocument"]
    assert "${" not in json.dumps(policy)
    named = {resource for each in policy["Statement"] for resource in each["Resource"]}
    assert sides["standby"]["connect"]["traffic_group_arn"] in named
    assert sides["primary"]["topics"]["incident"] in named
