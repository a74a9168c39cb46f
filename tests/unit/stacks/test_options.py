"""What is off unless configured: routing controls, accelerated recovery, a sign-in name for desktops.

Previewed as Pulumi would; in a drill each is refused by name, for nothing simulates it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from drills.build import build
from drills.simulator.cloud import SimulatedCloud
from orchestrator.model.errors import NotSimulated
from stacks.desktop_sign_in import desktop_sign_in
from stacks.routing_controls import FrontDoorOptions, front_door_options
from stacks.settings import SettingsRefused

FIVE = Path(__file__).parents[3] / "config" / "examples" / "five-person-desk"
CONTROLS = {"routing_controls": True}


class Keys(dict[str, Any]):
    def get_object(self, key: str) -> Any:
        return self.get(key)


def test_none_of_them_is_declared_by_what_ships(previews: Any) -> None:
    kinds = {each.type for role in ("global", "primary", "standby") for each in previews(role)}
    assert not {kind for kind in kinds if "recoverycontrol" in kind or "connectionAlias" in kind}
    (zone,) = previews.of_type("global", "Zone").values()
    assert "enableAcceleratedRecovery" not in zone.inputs


def test_each_side_has_a_control_and_one_of_them_stays_on(previews: Any) -> None:
    assert set(previews.of_type("global", "RoutingControl", **CONTROLS)) == {"primary", "standby"}
    (rule,) = previews.of_type("global", "SafetyRule", **CONTROLS).values()
    assert rule.inputs["ruleConfig"] == {"inverted": False, "threshold": 1, "type": "ATLEAST"}
    assert len(rule.inputs["assertedControls"]) == 2


def test_a_side_is_left_by_its_lever_or_by_its_control(previews: Any) -> None:
    checks = previews.of_type("global", "HealthCheck", **CONTROLS)
    records = previews.of_type("global", "Record", **CONTROLS)
    for side in ("primary", "standby"):
        both = checks[f"{side}-by-both"]
        assert both.inputs["type"] == "CALCULATED"
        assert both.inputs["childHealthThreshold"] == len(both.inputs["childHealthchecks"]) == 2
        assert {checks[side].urn, checks[f"control-{side}"].urn} <= set(both.dependencies)
        assert both.urn in records[f"front-door-{side}"].dependencies
        assert checks[side].inputs["type"] == "CLOUDWATCH_METRIC"
        assert checks[f"control-{side}"].inputs["type"] == "RECOVERY_CONTROL"


def test_accelerated_recovery_is_the_zones(previews: Any) -> None:
    (zone,) = previews.of_type("global", "Zone", accelerated_recovery=True).values()
    assert zone.inputs["enableAcceleratedRecovery"] is True


def test_one_name_signs_in_to_the_desktops_of_both_sides(previews: Any) -> None:
    names = []
    for role in ("primary", "standby"):
        (alias,) = previews.of_type(role, "ConnectionAlias", desktop_sign_in="desktops.contact.example").values()
        assert alias.protect
        names.append(alias.inputs["connectionString"])
    assert names == ["desktops.contact.example"] * 2


@pytest.mark.parametrize(
    ("role", "keys", "said"),
    [
        ("global", CONTROLS, "ARC routing controls .*is not simulated"),
        ("global", {"accelerated_recovery": True}, "accelerated recovery.* is not simulated"),
        ("primary", {"desktop_sign_in": "desktops.contact.example"}, "connection alias .*is not simulated"),
    ],
)
def test_a_drill_of_what_is_not_simulated_is_refused_by_name(
    tmp_path: Path, role: str, keys: dict[str, Any], said: str
) -> None:
    with SimulatedCloud(1, settings_dir=tmp_path) as cloud, pytest.raises(NotSimulated, match=said):
        build(cloud, tmp_path, {role: keys}, FIVE)


def test_options_are_true_or_false() -> None:
    assert front_door_options(Keys()) == FrontDoorOptions(accelerated_recovery=False, routing_controls=False)
    with pytest.raises(SettingsRefused) as refused:
        front_door_options(Keys(accelerated_recovery="yes", routing_controls=1))
    assert len(refused.value.faults) == 2


@pytest.mark.parametrize("name", ["desktops", "https://desktops.contact.example", "Desktops.contact.example"])
def test_a_sign_in_name_is_a_full_one(name: str) -> None:
    with pytest.raises(SettingsRefused, match="no full domain name"):
        desktop_sign_in(Keys(desktop_sign_in=name))
