"""The rules over what the real program declares, and over the same made wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from policy_examples import (
    CONFIG,
    EAST,
    EXAMPLES,
    MULTI_REGION_KEY,
    QUEUE,
    ROLES,
    TABLE_KEY,
    WEST,
    Example,
    adding,
    allowing,
    bucket,
    captured,
    changing,
    given,
    made,
    settings_of,
)

from drills.simulator.provisioners.table import UNMIRRORED
from orchestrator.actions.catalogue import Catalogue
from stacks.policies import owners
from stacks.policies.graph import UNKNOWN, Graph
from stacks.policies.recovery import BOTH_SIDES
from stacks.policies.rules import RULES, judge

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize("role", ROLES)
def test_what_is_shipped_breaks_no_rule_at_any_size(sized: dict[str, Graph], role: str) -> None:
    assert len(sized[role].resources) > 10
    assert judge(sized[role]) == ()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each.says)
def test_each_fault_breaks_its_own_rule_and_no_other(shipped: dict[str, Graph], example: Example) -> None:
    found = judge(example.wrong(shipped[example.role]))
    assert {finding.rule for finding in found} == {example.rule}
    assert all(finding.decided for finding in found)


def test_every_rule_has_an_example_and_a_name_of_its_own() -> None:
    names = [rule.name for rule in RULES]
    assert sorted(set(names)) == sorted(names)
    assert {example.rule for example in EXAMPLES} == set(names)


def test_a_rule_says_which_resource_and_what_is_wrong(shipped: dict[str, Graph]) -> None:
    (found,) = judge(changing("Record", given(ttl=61), name="front-door-standby")(shipped["global"]))
    assert found.urn.endswith("::front-door-standby")
    assert found.says == "front-door-standby: resolvers keep the old answer for 61 s, 60 s are allowed"


@pytest.mark.parametrize("role", ["recovery", "stand-in", "break-glass"])
def test_each_role_that_people_take_is_among_what_is_judged(
    built: Callable[[Path], dict[str, Graph]], role: str
) -> None:
    graph = built(CONFIG / "examples" / "500-seats")["standby"]
    (policy,) = (each for each in graph.resources if each.type.endswith(":RolePolicy") and each.name == role)
    assert judge(graph) == ()
    wider = policy.known("policy").replace("connect:SearchContacts", "connect:Search*")
    (found,) = judge(changing("RolePolicy", given(policy=wider), name=role)(graph))
    assert found.rule == "no-wildcard-actions"


@pytest.mark.parametrize("role", ROLES)
def test_a_preview_leaves_open_only_what_follows_from_other_resources(previews: Any, role: str) -> None:
    open_ = {(finding.rule, finding.urn.rpartition("::")[2]) for finding in judge(captured(role, previews(role)))}
    of_buckets = {("buckets-are-closed", name) for name in ("evidence", "recordings-primary", "recordings-standby")}
    expected = {
        "global": {("no-wildcard-actions", "replicates-recordings"), *of_buckets},
        "primary": {("no-wildcard-actions", "flags")},
        "standby": {("no-wildcard-actions", "flags")},
    }
    assert open_ == expected[role]


@pytest.mark.parametrize("replicas", [UNKNOWN, [{"regionName": UNKNOWN}]])
def test_an_unknown_is_neither_passed_nor_broken(shipped: dict[str, Graph], replicas: Any) -> None:
    (found,) = judge(changing("Table", given(replicas=replicas))(shipped["global"]), _named("replicas-are-present"))
    assert not found.decided
    assert "replicas of urn:pulumi:global" in found.says


def test_what_is_denied_may_be_a_wildcard_and_a_policy_of_our_own_attached(shipped: dict[str, Graph]) -> None:
    attachment = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
    more = (
        made("aws:iam/rolePolicy:RolePolicy", "recovery", WEST, policy=allowing(Effect="Deny", Action="iam:*")),
        made(attachment, "recovery", WEST, policyArn="arn:aws:iam::123456789012:policy/recovery"),
    )
    assert judge(adding(*more)(shipped["global"])) == ()


@pytest.mark.parametrize("document", sorted((CONFIG / "policies").glob("*.json")), ids=lambda each: each.stem)
def test_the_policies_that_runbooks_ask_for_name_every_action(shipped: dict[str, Graph], document: Path) -> None:
    asked = made("aws:iam/rolePolicy:RolePolicy", document.stem, WEST, policy=document.read_text())
    assert judge(adding(asked)(shipped["global"])) == ()


def test_independent_instances_may_have_a_queue_on_both_sides(independent: dict[str, Graph]) -> None:
    standby = independent["standby"]
    assert any(each.type == QUEUE.type for each in standby.resources)
    assert judge(standby) == ()
    replica = replace(standby, setting=replace(standby.setting, continuity="global-resiliency"))
    assert {found.rule for found in judge(replica)} == {"nothing-mirrored-in-standby"}


@pytest.mark.parametrize("kind", [*sorted(owners.IRREPLACEABLE), "aws:dynamodb/table:Table"])
@pytest.mark.parametrize("option", ["protect", "retain"])
def test_what_cannot_be_had_back_stays_though_its_stack_goes(
    shipped: dict[str, Graph], independent: dict[str, Graph], kind: str, option: str
) -> None:
    graphs = (shipped["global"], shipped["primary"], independent["global"])
    graph = next(each for each in graphs if any(resource.type == kind for resource in each.resources))
    let_go = changing(kind.rpartition(":")[2], lambda each: replace(each, **{option: False}))
    (found,) = judge(let_go(graph))
    assert found.rule == "irreplaceable-is-protected"
    assert {"protect": "once deleted", "retain": "goes with its stack"}[option] in found.says


def test_what_is_not_told_about_retention_is_not_held_against_a_resource(shipped: dict[str, Graph]) -> None:
    untold = changing("Zone", lambda zone: replace(zone, retain=None))
    assert judge(untold(shipped["global"])) == ()


def test_who_is_called_first_is_not_for_an_up_to_say(independent: dict[str, Graph]) -> None:
    taken_back = changing("VoiceConnectorGroup", lambda group: replace(group, ignore_changes=frozenset()))
    (found,) = judge(taken_back(independent["global"]))
    assert found.rule == "flipped-values-are-ignored"
    assert "telephony.group_priority" in found.says


def test_telephony_that_is_managed_from_the_primary_alone_dies_with_it(independent: dict[str, Graph]) -> None:
    moved = changing("VoiceConnectorGroup", lambda group: replace(group, region=EAST))
    (found,) = judge(moved(independent["global"]))
    assert found.rule == "recovery-outlives-the-primary"


def test_a_multi_region_key_is_had_with_its_replica(shipped: dict[str, Graph]) -> None:
    replica = replace(made("aws:kms/replicaKey:ReplicaKey", "runs", EAST, MULTI_REGION_KEY), protect=True)
    assert judge(adding(MULTI_REGION_KEY, replica)(shipped["global"])) == ()


def test_a_table_with_keys_of_both_regions_is_encrypted(shipped: dict[str, Graph]) -> None:
    replicas = [{"regionName": EAST, "kmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/mrk-1"}]
    changed = changing("Table", given(serverSideEncryption=TABLE_KEY, replicas=replicas))
    assert judge(changed(shipped["global"])) == ()


def test_a_bucket_of_the_primary_may_die_once_it_is_replicated(shipped: dict[str, Graph]) -> None:
    recordings = bucket("more", EAST)
    replication = made("aws:s3/bucketReplicationConfig:BucketReplicationConfig", "more", EAST, recordings)
    assert judge(adding(recordings, *settings_of(recordings), replication)(shipped["primary"])) == ()


def test_what_no_row_excuses_may_not_be_in_the_primary_region_alone(shipped: dict[str, Graph]) -> None:
    unheard_of = made("aws:scheduler/schedule:Schedule", "drills", EAST)
    for role in ("global", "primary"):
        (found,) = judge(adding(unheard_of)(shipped[role]))
        assert found.rule == "recovery-outlives-the-primary"


def test_every_flipped_value_is_declared_and_flipped_by_an_action_that_exists(
    shipped: dict[str, Graph], independent: dict[str, Graph]
) -> None:
    declared = {r.type for graph in (*shipped.values(), *independent.values()) for r in graph.resources}
    assert set(owners.FLIPPED) <= declared
    actions = {action for flipped in owners.FLIPPED.values() for by in flipped.values() for action in by}
    assert actions <= set(Catalogue())


def test_what_both_sides_are_said_to_declare_they_do(previews: Any) -> None:
    bots = {"questions": {"bot_id": "ABCDEFGHIJ", "alias_id": "TSTALIASID"}}
    options = {"desktop_sign_in": "desktops.contact.example", "bots": bots}
    held = {side: _held(captured(side, previews(side, **options))) for side in ("primary", "standby")}
    for component in BOTH_SIDES:
        assert held["primary"].get(component), f"{component} is a row for nothing"
        # AWS copies what it mirrors; there the standby is not asked.
        kinds = {kind for kind in held["primary"][component] if not _is_mirrored(kind)}
        assert kinds <= held["standby"].get(component, set()), component


def test_the_simulator_mirrors_what_the_rules_call_mirrored() -> None:
    assert owners.UNMIRRORED == UNMIRRORED


def _named(name: str) -> tuple[Any, ...]:
    return tuple(rule for rule in RULES if rule.name == name)


def _held(graph: Graph) -> dict[str, set[str]]:
    """Outermost component → the types of what it holds."""
    held: dict[str, set[str]] = {}
    for resource in graph.resources:
        if resource.region:
            held.setdefault(graph.component(resource), set()).add(resource.type)
    return held


def _is_mirrored(kind: str) -> bool:
    return kind.startswith("aws:connect/") and kind not in owners.UNMIRRORED
