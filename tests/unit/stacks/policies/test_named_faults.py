"""Seven faults that a platform engineer may make, each put into the real program, and what stops it.

Without the fault the same watchman lets the same program pass.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws
import pytest
from policy_examples import captured

from drills.build import build
from drills.simulator.cloud import SimulatedCloud
from drills.simulator.provisioners.request import Unprovisionable
from drills.world import Simulated
from orchestrator.wiring import surveying
from stacks import exports, greeting
from stacks.policies.rules import judge
from stacks.program import program as declare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drills.simulator.provisioners.hosting import Program

FEW = {"primary": {"agent_groups": {"general": {"agents": 1, "queues": ["general"]}}}}
WILDCARD = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "connect:*", "Resource": "*"}}


@dataclass(frozen=True)
class Platform:
    """The real program, into which a fault may be put, and those who watch over it."""

    previews: Any
    monkeypatch: pytest.MonkeyPatch
    folder: Path

    def policy(self, role: str, program: Program = declare) -> set[str]:
        """The rules of the policy pack that are broken."""
        found = judge(captured(role, self.previews(role, program=program)))
        return {finding.rule for finding in found if finding.decided}

    def refusal(self, role: str, program: Program = declare, **configured: str) -> set[str]:
        """Why the role is not brought up at all."""
        try:
            self.previews(role, program=program, **configured)
        except Unprovisionable as why:
            return {why.what}
        return set()

    def misfits(self) -> set[str]:
        """Why an up stops at an export that is no part of an inventory."""
        try:
            with self._built():
                return set()
        except ValueError as why:  # the model's, in the words of the Pulumi that met it
            return {" ".join(str(why).split())}

    def pinned(self) -> set[str]:
        """Where `inventory check --parity` finds a flow that names a Region."""
        with self._built() as centre:
            return {f"{one.flow}: {one.region}" for one in surveying.parity(centre, ()).parity.pinned}

    @contextmanager
    def _built(self) -> Iterator[Simulated]:
        folder = Path(mkdtemp(dir=self.folder))
        with SimulatedCloud(1, settings_dir=folder) as cloud:
            yield Simulated(cloud, build(cloud, folder, FEW))


def declaring(kind: str, **inputs: Any) -> Program:
    """The program with other inputs for every resource of a type."""

    def other(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if not args.type_.endswith(f":{kind}"):
            return None
        return pulumi.ResourceTransformationResult({**args.props, **inputs}, args.opts)

    def program() -> None:
        pulumi.runtime.register_stack_transformation(other)
        declare()

    return program


def with_a_queue() -> None:
    """The program, with what AWS mirrors from the primary."""
    declare()
    here = pulumi.ResourceOptions(provider=aws.Provider("more", region="us-west-2"))
    aws.connect.Queue("vip", name="vip", instance_id="i", hours_of_operation_id="h", opts=here)


def rename_an_export(platform: Platform) -> None:
    checked = exports.checked

    def renamed(part: Any, body: dict[str, Any]) -> dict[str, Any]:
        return checked(part, {"flag_table" if key == "flags_table" else key: value for key, value in body.items()})

    platform.monkeypatch.setattr(exports, "checked", renamed)


def pin_the_function(platform: Platform) -> None:
    content = greeting.content
    platform.monkeypatch.setattr(
        greeting, "content", lambda **known: content(**known).replace("$.AwsRegion", "us-east-1")
    )


@dataclass(frozen=True)
class Fault:
    """Who watches, what the fault is, and what is then said. `commits` changes the program, `watched` asks."""

    name: str
    passes: Callable[[Platform], set[str]]
    watched: Callable[[Platform], set[str]]
    says: str
    commits: Callable[[Platform], None] = lambda _: None


FAULTS = (
    Fault(
        "a renamed export: the up itself stops",
        Platform.misfits, Platform.misfits, "flags_table Field required", rename_an_export,
    ),
    Fault(
        "a missing replica: policy replicas-are-present",
        lambda platform: platform.policy("global"),
        lambda platform: platform.policy("global", declaring("Table", replicas=None)),
        "replicas-are-present",
    ),
    Fault(
        "an ARN pinned in a flow: inventory check --parity",
        Platform.pinned, Platform.pinned, "connect.flow_modules.emergency-greeting: us-east-1", pin_the_function,
    ),
    Fault(
        "a TTL of 61 s: policy flipped-names-live-a-minute",
        lambda platform: platform.policy("global"),
        lambda platform: platform.policy("global", declaring("Record", ttl=61)),
        "flipped-names-live-a-minute",
    ),
    Fault(
        "a wildcard action: policy no-wildcard-actions",
        lambda platform: platform.policy("primary"),
        lambda platform: platform.policy("primary", declaring("RolePolicy", policy=json.dumps(WILDCARD))),
        "no-wildcard-actions",
    ),
    Fault(
        "a mirrored queue in standby: the provisioner, before the policy nothing-mirrored-in-standby",
        lambda platform: platform.refusal("standby"),
        lambda platform: platform.refusal("standby", with_a_queue),
        "which AWS mirrors from primary",
    ),
    Fault(
        "a Region pair that AWS does not offer: the configuration",
        lambda platform: platform.refusal("global", standby_region="us-west-2"),
        lambda platform: platform.refusal("global", standby_region="eu-west-2"),
        "AWS offers no Global Resiliency from us-east-1 to eu-west-2",
    ),
)  # fmt: skip


@pytest.fixture
def platform(previews: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Platform:
    return Platform(previews, monkeypatch, tmp_path)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_stopped_by_whoever_watches_for_it(platform: Platform, fault: Fault) -> None:
    assert fault.passes(platform) == set(), "without the fault"
    fault.commits(platform)
    (found,) = fault.watched(platform)
    assert fault.says in found
