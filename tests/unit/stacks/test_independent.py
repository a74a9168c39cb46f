"""Two instances: what both sides declare, what stands before them, and that nothing of it differs by accident."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest

from drills.build import build
from drills.simulator.cloud import SimulatedCloud
from drills.simulator.provisioners.request import Unprovisionable

if TYPE_CHECKING:
    from drills.simulator.provisioners.request import Declared

CONFIG = Path(__file__).parents[3] / "config" / "examples" / "five-person-desk-independent"
ACCESS = {"recovery_principals": ["role/duty-manager"]}
EAST, WEST = "us-east-1", "us-west-2"
RULE = {
    "sip_rule_trigger": "+12065550142",
    "sip_rule_targets": {"primary": {"application": "sma-east"}, "standby": {"application": "sma-west"}},
}


def region_of(declared: Declared) -> str:
    return declared.provider.rpartition("::aws-")[2].partition("::")[0]


def neutral(value: Any) -> Any:
    """Without what tells the sides apart: their words and Regions."""
    if isinstance(value, dict):
        return {key: neutral(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [neutral(each) for each in value]
    if not isinstance(value, str):
        return value
    for word, name in ((EAST, "{region}"), (WEST, "{region}"), ("primary", "{side}"), ("standby", "{side}")):
        value = value.replace(word, name)
    return value


def structure(graph: tuple[Declared, ...]) -> dict[tuple[str, str], Any]:
    """Type and name → inputs, what an `up` leaves alone, what it does not delete. Tags carry the role."""
    return {
        (each.type, neutral(each.name)): (
            {key: neutral(value) for key, value in each.inputs.items() if key != "defaultTags"},
            each.ignore_changes,
            each.protect,
            each.retain,
        )
        for each in graph
        if not each.name.startswith("desktop-") and "recovery" not in each.name
    }


def test_both_sides_declare_the_same_by_the_same_names(independent: Any) -> None:
    ours, theirs = (structure(independent(role)) for role in ("primary", "standby"))
    assert ours == theirs
    kinds = {kind.rpartition(":")[2] for kind, _ in theirs}
    assert {"Instance", "Queue", "User", "RoutingProfile", "PhoneNumber", "ContactFlow", "Function"} <= kinds


def test_a_limit_that_one_side_has_lowered_is_seen(independent: Any) -> None:
    lowered = {"claims": {"max_contacts": 3}, "everything": {"max_contacts": 3}, "service": None, "sales": None}
    assert structure(independent("primary")) != structure(independent("standby", queues=lowered))


def test_no_resource_of_either_side_lives_in_the_other_ones_region(independent: Any) -> None:
    for role, region in (("primary", EAST), ("standby", WEST)):
        assert {region_of(each) for each in independent(role) if each.type.startswith("aws:")} == {region}


def test_agents_sign_in_to_both_instances_through_one_identity_provider(independent: Any) -> None:
    for role in ("primary", "standby"):
        (instance,) = independent.of_type(role, "Instance").values()
        assert instance.inputs["identityManagementType"] == "SAML"


def test_each_side_has_a_voice_connector_in_its_region_and_all_are_managed_from_the_standby(independent: Any) -> None:
    connectors = independent.of_type("global", "VoiceConnector")
    assert {name: each.inputs["awsRegion"] for name, each in connectors.items()} == {"primary": EAST, "standby": WEST}
    assert all(each.inputs["requireEncryption"] for each in connectors.values())
    telephony = [each for each in independent("global") if each.type.startswith("aws:chime/")]
    assert {region_of(each) for each in telephony} == {WEST}


def test_calls_are_led_to_the_border_controllers_of_the_connectors_side(independent: Any) -> None:
    hosts = [f"sbc-{number}.example" for number in (1, 2)]
    origination = {"primary": {"hosts": hosts}, "standby": {"hosts": ["sbc.example"], "port": 5071}}
    found = independent.of_type("global", "VoiceConnectorOrigination", origination=origination)
    assert [(r["host"], r["port"], r["priority"]) for r in found["primary"].inputs["routes"]] == [
        ("sbc-1.example", 5061, 1),
        ("sbc-2.example", 5061, 2),
    ]
    (route,) = found["standby"].inputs["routes"]
    assert (route["host"], route["port"], route["protocol"]) == ("sbc.example", 5071, "TCP")


def test_the_primary_is_called_first_until_a_runbook_says_otherwise(independent: Any) -> None:
    (group,) = independent.of_type("global", "VoiceConnectorGroup").values()
    assert [each["priority"] for each in group.inputs["connectors"]] == [1, 2]
    assert group.ignore_changes == ("connectors",)
    connectors = independent.of_type("global", "VoiceConnector")
    assert set(group.dependencies) >= {each.urn for each in connectors.values()}


def test_a_sip_rule_is_declared_where_it_is_configured(independent: Any) -> None:
    assert independent.of_type("global", "SdkvoiceSipRule") == {}
    (rule,) = independent.of_type("global", "SdkvoiceSipRule", **RULE).values()
    assert rule.inputs["triggerType"] == "ToPhoneNumber"
    assert [(t["sipMediaApplicationId"], t["awsRegion"], t["priority"]) for t in rule.inputs["targetApplications"]] == [
        ("sma-east", EAST, 1),
        ("sma-west", WEST, 2),
    ]
    by_host = {**RULE, "sip_rule_trigger": "abcdef1ghij2klmno3pqr4.voiceconnector.chime.aws"}
    (rule,) = independent.of_type("global", "SdkvoiceSipRule", **by_host).values()
    assert rule.inputs["triggerType"] == "RequestUriHostname"


def test_a_replica_has_no_telephony_of_ours(previews: Any) -> None:
    assert [each.urn for each in previews("global") if each.type.startswith("aws:chime/")] == []


@pytest.mark.parametrize("role", ["primary", "standby"])
def test_a_side_of_another_model_than_global_is_refused(disagreeing: Any, role: str) -> None:
    with pytest.raises(Unprovisionable, match="continuity: global-resiliency here, independent-instances in the gl"):
        disagreeing(role)


def test_who_recovers_may_touch_both_instances_and_no_traffic_group(tmp_path: Path) -> None:
    with SimulatedCloud(1, settings_dir=tmp_path) as cloud:
        inventory = build(cloud, tmp_path, {"standby": ACCESS}, CONFIG)
        with cloud.network.building():
            iam = cloud.door.client("iam", EAST)
            found = iam.get_role_policy(RoleName="contact-centre-recovery", PolicyName="recovery")["PolicyDocument"]
    document = json.loads(unquote(found)) if isinstance(found, str) else found
    statements = {each["Sid"]: each["Resource"] for each in document["Statement"]}
    both = (inventory.primary.connect.instance_arn, inventory.standby.connect.instance_arn)
    assert statements["ConnectInstance"] == [*both]
    assert "ConnectTrafficGroup" not in statements
    assert "${" not in json.dumps(document)
