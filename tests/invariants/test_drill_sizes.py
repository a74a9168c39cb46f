"""The primary Region dies under as many callers as each size has agents for, and everybody is answered in the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from orchestrator.model.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLES = "config/examples"


def drilled(failover: Callable[..., Any], size: str) -> Any:
    folder = f"{EXAMPLES}/{size}"
    said = failover("drill", "run", "region-outage", "--config", folder, "--json")
    assert said.code == ExitCode.DONE, said.out + said.err
    assert (said.json["state"], said.json["verdict"]) == ("recovered", "passed")
    return said.json


def test_five_people_at_one_desk_recover(failover: Callable[..., Any]) -> None:
    calls = drilled(failover, "five-person-desk")["calls"]
    assert 5 < calls["offered"] < 50
    assert calls["answered"] >= 2


@pytest.mark.nightly
def test_five_hundred_seats_recover(failover: Callable[..., Any]) -> None:
    calls = drilled(failover, "500-seats")["calls"]
    assert calls["offered"] > 2_000
    assert calls["answered"] > 1_000


def test_five_people_with_two_instances_recover_by_voice_connector_group(failover: Callable[..., Any]) -> None:
    told = drilled(failover, "five-person-desk-independent")
    assert states(told, "lead") == {"done"}
    assert states(told, "shift") == {"skipped"}
    assert told["calls"]["answered"] >= 2


@pytest.mark.nightly
def test_five_hundred_seats_with_two_instances_recover_by_voice_connector_group(failover: Callable[..., Any]) -> None:
    told = drilled(failover, "500-seats-independent")
    assert states(told, "lead") == {"done"}
    assert told["calls"]["offered"] > 2_000
    assert told["calls"]["answered"] > 1_000


def test_a_plan_foresees_the_contact_centre_that_is_named(failover: Callable[..., Any]) -> None:
    folder = f"{EXAMPLES}/five-person-desk-independent"
    said = failover("plan", "region-evacuation", "--simulate", "--lost", "us-east-1", "--config", folder)
    assert said.code == ExitCode.DONE, said.err
    assert "primary-entry.five.example → standby-entry.five.example" in said.out
    assert "voice-chime.us-west-2.amazonaws.com" in said.out


def states(told: Any, step: str) -> set[str]:
    """The states in which a step, or all its items, ended."""
    return {each["state"] for name, each in told["steps"].items() if name.partition("[")[0] == step}


@pytest.mark.parametrize("command", [("drill", "run", "short-outage.yaml"), ("simulate", "serve", "--port", "0")])
def test_a_folder_without_configuration_is_refused_before_anything_is_built(
    failover: Callable[..., Any], command: tuple[str, ...]
) -> None:
    said = failover(*command, "--config", "runbooks", "--json")
    assert said.code == ExitCode.INVALID
    assert "runbooks has no Pulumi.global.yaml" in said.out + said.err
    assert failover("list", "--json").json == []
