"""The documents of `config/policies`: the present ones, no more than the runbooks need, and no less."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from orchestrator.actions.catalogue import Catalogue
from orchestrator.cloud import permissions
from orchestrator.cloud.policy import ROLE_CHARACTERS
from orchestrator.model.errors import InvalidInput
from orchestrator.model.inventory import types
from orchestrator.model.shapes import ListOf, Members, Record
from orchestrator.runbook.load import load
from orchestrator.wiring import policies
from orchestrator.wiring.needs import needs_of

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "config" / "policies"
ROLES = ("recovery", "stand-in", "break-glass")
RUNBOOKS = sorted(ROOT.glob("runbooks/*.yaml"))
PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")
HEAD = """
version: 1
id: made-up
title: Made up
owner: somebody
review: {every: 180d, last: 2026-11-01}
parameters:
  from: {type: environment, default: primary}
  to: {type: environment, default: standby}
steps:
"""


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return policies.documents([str(path) for path in RUNBOOKS], Catalogue(), together=True)


def called(text: str) -> set[tuple[str, str]]:
    """(operation, Region) of a runbook's needs."""
    return {(need.call.operation, need.call.region) for need in needs_of(load(HEAD + text, "made-up"), Catalogue())}


def actions(text: str) -> set[str]:
    return {action for each in json.loads(text)["Statement"] for action in each["Action"]}


def test_the_documents_in_the_repository_are_those_of_its_runbooks(made: dict[str, str]) -> None:
    assert policies.differing(made, FOLDER) == [], "run `failover policy --all`"
    assert set(made) == {path.stem for path in RUNBOOKS} | set(ROLES)


def test_every_placeholder_is_a_path_of_the_inventory(made: dict[str, str]) -> None:
    paths = {path for text in made.values() for path in PLACEHOLDER.findall(text)} - {"partition"}
    assert paths
    root: Any = Record("inventory", types())
    for path in paths:
        here = root
        for key in path.split("."):
            assert isinstance(here, Record | Members), path
            here = here.fields[key] if isinstance(here, Record) else here.member
        assert not isinstance(here, Record | Members | ListOf), path


def test_no_account_region_or_id_is_in_a_document(made: dict[str, str]) -> None:
    for name, text in made.items():
        assert re.findall(r"\d{12}|[a-z]{2}-[a-z]+-\d|[0-9a-f]{8}-[0-9a-f]{4}", text) == [], name


def test_no_document_has_a_wildcard_action_or_an_unexplained_resource(made: dict[str, str]) -> None:
    for text in made.values():
        for each in json.loads(text)["Statement"]:
            assert not [action for action in each["Action"] if "*" in action]
            if "*" in each["Resource"]:
                assert (
                    "AwsOffersNoResource" in each["Sid"] or "cloudwatch:namespace" in each["Condition"]["StringEquals"]
                )


def test_each_document_fits_into_a_role_with_room_for_real_values(made: dict[str, str]) -> None:
    longest = (
        "arn:aws:connect:ap-northeast-1:123456789012:traffic-distribution-group/11111111-2222-4333-8444-555555555555"
    )
    for name, text in made.items():
        assert len("".join(PLACEHOLDER.sub("x" * len(longest), text).split())) < 2 * ROLE_CHARACTERS, name
        assert len("".join(PLACEHOLDER.sub("x" * 36, text).split())) < ROLE_CHARACTERS, name


def test_the_role_that_recovers_cannot_do_what_the_platform_engineer_prepares(made: dict[str, str]) -> None:
    assert "connect:ReplicateInstance" in actions(made["prepare-standby"])
    assert {
        action for action in actions(made["recovery"]) if action.startswith("iam:") or "Replicate" in action
    } == set()


def test_the_role_that_recovers_may_do_what_each_of_its_runbooks_needs(made: dict[str, str]) -> None:
    others = [name for name in made if name not in (*ROLES, "prepare-standby")]
    assert len(others) > 3
    for name in others:
        assert actions(made[name]) <= actions(made["recovery"]), name


def test_a_stand_in_looks_and_writes_nothing(made: dict[str, str]) -> None:
    looks = actions(made["stand-in"])
    assert {action for action in looks if not re.match(r"[a-z]+:(Describe|Get|List|Search)", action)} == set()
    assert "connect:GetTrafficDistribution" in looks


def test_a_stand_in_may_look_at_whatever_any_runbook_looks_at(made: dict[str, str]) -> None:
    for path in RUNBOOKS:
        loaded = load(path.read_text(), str(path))
        reads = {
            need.call for need in needs_of(loaded, Catalogue()) if not need.call.write and need.call.service != "dns"
        }
        wanted = {permissions.action_of(call.service, call.operation) for call in reads}
        assert wanted <= actions(made["stand-in"]), path.stem


def test_whoever_breaks_the_glass_may_do_what_each_runbook_needs(made: dict[str, str]) -> None:
    for name in made.keys() - {"break-glass"}:
        assert actions(made[name]) <= actions(made["break-glass"]), name


def test_a_move_is_foreseen_in_both_directions_with_its_guard() -> None:
    found = called("""
  shift:
    action: connect.shift_traffic
    for_each: [50, 100]
    in_order: true
    with: {group: "${to.connect.traffic_group_arn}", region: "${to.region}", percent: "${item}"}
    guard:
      action: service.calls_answered
      with: {region: "${to.region}", percent_at_least: 90, window: 2m}
      deadline: 5m
""")
    both = {"pp-north-1", "ss-north-1"}
    for operation in ("UpdateTrafficDistribution", "GetTrafficDistribution", "SearchContacts", "ListInstances"):
        assert {region for name, region in found if name == operation} == both, operation


def test_giving_back_a_move_to_one_side_needs_a_write_and_a_proof_at_either() -> None:
    found = called("""
  shift:
    action: connect.shift_traffic
    with: {group: "${standby.connect.traffic_group_arn}", region: "${standby.region}", percent: 100}
    deadline: 5m
""")
    assert found == {
        ("GetTrafficDistribution", "ss-north-1"),
        ("UpdateTrafficDistribution", "ss-north-1"),
        ("UpdateTrafficDistribution", "pp-north-1"),
        ("ListInstances", "ss-north-1"),
        ("ListInstances", "pp-north-1"),
    }


def test_what_one_mode_alone_leads_to_counts_and_so_does_the_proof_of_recovery() -> None:
    found = called("""
  serves:
    action: service.answers
    for_each: "${execution.mode == 'unplanned' && [primary.region, standby.region] || [standby.region]}"
    with: {region: "${item}"}
    deadline: 1m
recovered_when:
  started:
    action: desktops.available
    with: {region: "${standby.region}", desktops: "${standby.desktops.ids}", percent_at_least: 90}
    deadline: 1m
""")
    assert found == {
        ("ListInstances", "pp-north-1"),
        ("ListInstances", "ss-north-1"),
        ("DescribeWorkspaces", "ss-north-1"),
    }


def test_what_a_condition_or_a_mode_keeps_out_counts_too() -> None:
    found = called("""
  never:
    action: notify.publish
    when: ${from.region == to.region}
    with: {region: "${to.region}", topic: "${to.topics.incident}", message: never}
  later:
    action: desktops.start
    only: unplanned
    with: {region: "${to.region}", desktops: "${to.desktops.ids}"}
    deadline: 1m
""")
    assert {"Publish", "StartWorkspaces"} <= {operation for operation, _ in found}


def test_a_region_that_is_known_at_run_time_only_may_be_either_sides() -> None:
    found = called("""
  first:
    action: connect.shift_signin
    with: {group: "${to.connect.default_traffic_group_arn}", region: "${to.region}"}
    deadline: 1m
  second:
    action: service.answers
    needs: [first]
    with: {region: "${steps.first.after.region}"}
    deadline: 1m
""")
    assert {region for name, region in found if name == "ListInstances"} == {"pp-north-1", "ss-north-1"}


def test_what_cannot_be_foreseen_is_refused_with_its_step() -> None:
    with pytest.raises(InvalidInput, match=r'step "second" of made-up \(desktops.start\) is given cannot be foreseen'):
        called("""
  first:
    action: connect.shift_signin
    with: {group: "${to.connect.default_traffic_group_arn}", region: "${to.region}"}
    deadline: 1m
  second:
    action: desktops.start
    needs: [first]
    with: {region: "${to.region}", desktops: "${steps.first.after}"}
    deadline: 1m
""")


def test_a_parameter_without_a_default_is_any_value_of_its_type() -> None:
    text = (
        HEAD.replace("steps:\n", "  who: {type: text}\nsteps:\n")
        + """
  tell:
    action: notify.publish
    with: {region: "${to.region}", topic: "${to.topics.incident}", message: "${who}"}
"""
    )
    found = list(needs_of(load(text, "made-up"), Catalogue()))
    assert {need.reads for need in found} == {
        frozenset({"primary.topics.incident"}),
        frozenset({"standby.topics.incident"}),
    }


def test_every_operation_of_the_runbooks_has_a_row() -> None:
    found = {(need.call.service, need.call.operation) for path in RUNBOOKS
             for need in needs_of(load(path.read_text(), path.name), Catalogue())}  # fmt: skip
    assert found - {("dns", "Resolve")} <= permissions.KINDS.keys()
    assert len(found) > 15
