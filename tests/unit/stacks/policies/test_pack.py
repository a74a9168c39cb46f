"""The policy pack as Pulumi's engine meets it: its own process, asked over gRPC on this machine. No command is needed.

The protocol is `pulumi.runtime.proto.analyzer_pb2`. What the engine would send is made of what the simulator captured.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from google.protobuf import empty_pb2, struct_pb2
from policy_examples import EXAMPLES, PROJECT, ROLES, Example, changing, config, given
from pulumi.runtime.proto import analyzer_pb2 as wire
from pulumi.runtime.proto.analyzer_pb2_grpc import AnalyzerStub
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE

from stacks.policies.graph import UNKNOWN
from stacks.policies.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stacks.policies.graph import Graph, Resource

PACK = Path(__file__).parents[4] / "stacks" / "policies"
ANSWERS_WITHIN_S = 60


@contextmanager
def started(role: str, *, dry: bool = False, without: str = "") -> Iterator[AnalyzerStub]:
    """The pack, with what the engine gives it: a role's configuration, and whether this is a preview."""
    keys = {key: value if isinstance(value, str) else json.dumps(value) for key, value in config(role).items()}
    keys.pop(f"{PROJECT}:{without}", None)
    environment = {
        **os.environ,
        "PULUMI_CONFIG": json.dumps(keys),
        "PULUMI_PROJECT": PROJECT,
        "PULUMI_STACK": role,
        "PULUMI_DRY_RUN": str(dry).lower(),
    }
    # As Pulumi's language host starts it; the address is that of an engine, which a pack never calls.
    command = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(PACK)]
    pack = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)  # noqa: S603 - our own interpreter
    assert pack.stdout is not None
    try:
        port = int(pack.stdout.readline() or 0)
        assert port, "the pack ended before it listened"
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield AnalyzerStub(channel)
    finally:
        pack.terminate()
        pack.wait()
        pack.stdout.close()


@pytest.fixture(scope="module")
def packs() -> Iterator[Callable[[str], AnalyzerStub]]:
    """One pack for each role, started when it is first asked for."""
    with ExitStack() as running:
        yield cache(lambda role: running.enter_context(started(role)))


def broken(pack: AnalyzerStub, graph: Graph) -> set[str]:
    """The policies that an update of this graph is stopped by, each asked as the engine would."""
    return {each.policyName for each in answered(pack, graph) if each.enforcementLevel == wire.MANDATORY}


def answered(pack: AnalyzerStub, graph: Graph) -> list[Any]:
    """Every diagnostic: of each resource by itself, then of the whole."""
    alone = [pack.Analyze(asked(each), timeout=ANSWERS_WITHIN_S) for each in graph.resources]
    return [said for answer in (*alone, whole(pack, graph)) for said in answer.diagnostics]


def whole(pack: AnalyzerStub, graph: Graph) -> Any:
    """What the pack answers to the stack as a whole."""
    resources = [
        wire.AnalyzerResource(**common(each), parent=each.parent, dependencies=each.dependencies)
        for each in graph.resources
    ]
    return pack.AnalyzeStack(wire.AnalyzeStackRequest(resources=resources), timeout=ANSWERS_WITHIN_S)


def asked(resource: Resource) -> wire.AnalyzeRequest:
    """The request for one resource."""
    request = wire.AnalyzeRequest(**common(resource))
    request.options.parent = resource.parent
    return request


def common(resource: Resource) -> dict[str, Any]:
    """What both requests say of a resource."""
    properties = struct_pb2.Struct()
    properties.update(sent(dict(resource.props)))
    of_provider = struct_pb2.Struct()
    of_provider.update({"region": resource.region})
    provider = wire.AnalyzerProviderResource(type="pulumi:providers:aws", properties=of_provider, name="aws")
    options = wire.AnalyzerResourceOptions(protect=resource.protect, ignoreChanges=sorted(resource.ignore_changes))
    return {
        "type": resource.type,
        "urn": resource.urn,
        "name": resource.name,
        "properties": properties,
        "options": options,
        **({"provider": provider} if resource.region else {}),
    }


def sent(value: Any) -> Any:
    """As the engine's JSON has it: a sentinel for what is not known, a text for a function's code."""
    if isinstance(value, dict):
        return {key: sent(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [sent(inner) for inner in value]
    if value is UNKNOWN:
        return UNKNOWN_STRING_VALUE
    return value if isinstance(value, str | int | float | bool | None) else repr(value)


def test_the_pack_offers_every_rule_and_enforces_it(packs: Callable[[str], AnalyzerStub]) -> None:
    offered = packs("global").GetAnalyzerInfo(empty_pb2.Empty(), timeout=ANSWERS_WITHIN_S).policies
    kinds = {True: wire.POLICY_TYPE_RESOURCE, False: wire.POLICY_TYPE_STACK}
    assert [(each.name, each.enforcementLevel, each.policy_type) for each in offered] == [
        (rule.name, wire.MANDATORY, kinds[rule.alone]) for rule in RULES
    ]
    assert all(rule.reason in each.description for rule, each in zip(RULES, offered, strict=True))


@pytest.mark.parametrize("role", ROLES)
def test_the_pack_lets_pass_what_is_shipped(
    packs: Callable[[str], AnalyzerStub], shipped: dict[str, Graph], role: str
) -> None:
    assert answered(packs(role), shipped[role]) == []


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each.says)
def test_the_pack_stops_each_fault_by_its_own_policy(
    packs: Callable[[str], AnalyzerStub], shipped: dict[str, Graph], example: Example
) -> None:
    # Nothing that is shipped is told of (above); so what is the same need not be asked for again, one by one.
    graph = example.wrong(shipped[example.role])
    pack, before = packs(example.role), set(map(id, shipped[example.role].resources))
    alone = [pack.Analyze(asked(each), timeout=ANSWERS_WITHIN_S) for each in graph.resources if id(each) not in before]
    told = [said for answer in (*alone, whole(pack, graph)) for said in answer.diagnostics]
    assert {said.policyName for said in told} == {example.rule}
    assert {said.enforcementLevel for said in told} == {wire.MANDATORY}


def test_a_violation_names_its_resource_and_the_remedy(
    packs: Callable[[str], AnalyzerStub], shipped: dict[str, Graph]
) -> None:
    graph = changing("Table", given(replicas=None))(shipped["global"])
    (said,) = whole(packs("global"), graph).diagnostics
    assert said.urn.endswith("::runs")
    assert "runs: no replica in us-east-1: name the other Region in replicas" in said.message


def test_a_preview_says_that_it_cannot_tell_yet_and_an_update_does_not_accept_it(
    packs: Callable[[str], AnalyzerStub], shipped: dict[str, Graph]
) -> None:
    graph = changing("RolePolicy", given(policy=UNKNOWN))(shipped["primary"])
    (policy,) = (each for each in graph.resources if each.type.endswith(":RolePolicy"))
    with started("primary", dry=True) as preview:
        answer = preview.Analyze(asked(policy), timeout=ANSWERS_WITHIN_S)
    assert list(answer.diagnostics) == []
    assert [each.policy_name for each in answer.not_applicable] == ["no-wildcard-actions"]
    assert "known after the update only" in answer.not_applicable[0].reason
    assert broken(packs("primary"), graph) == {"no-wildcard-actions"}


@pytest.mark.parametrize("key", ["role", "primary_region", "standby_region"])
def test_a_stack_that_does_not_say_what_it_is_passes_nothing(shipped: dict[str, Graph], key: str) -> None:
    with started("global", without=key) as pack, pytest.raises(grpc.RpcError, match=key):
        whole(pack, shipped["global"])
