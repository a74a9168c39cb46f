"""Runs the stacks' own program, without Pulumi's command line, and builds what it declares in the simulated cloud.

The drill fails over *what the stacks define*: no fixture stands beside them. Each declared resource is built by a table
(`provisioners/table.py`) that makes the AWS calls which Pulumi's provider would make; what AWS answers goes back to the
program as provider outputs.

Laws:
- What has no builder, an input that no builder carries out, and an unknown look-up are refused, never skipped.
- Every resource names a provider, hence a Region; a standby that is a replica declares nothing that AWS mirrors.
- Equal programs build equal clouds: identifiers that moto draws are drawn from the URN, and see `hosting`.

Simulated: default tags are not applied, nothing is updated or deleted, `protect` and `retainOnDelete` are recorded
only. `ignoreChanges` is for `replan`, which tells what a second up would change.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import yaml
from botocore.exceptions import ClientError
from moto.moto_api._internal import mock_random

from drills.simulator.aws.connect.buckets import without_throttling
from drills.simulator.provisioners.hosting import PROVIDER, Outputs, Program, World, host
from drills.simulator.provisioners.request import Built, ClientOf, Declared, Pause, Request, Unprovisionable
from drills.simulator.provisioners.table import BUILDERS, is_mirrored
from orchestrator.model.errors import Conflict, NotFound, NotSimulated, Rejected
from stacks.program import program as declare
from stacks.settings import SettingsRefused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from orchestrator.model.clock import Clock

PROJECT: Final = "contact-centre"
"""The name in Pulumi.yaml."""


@dataclass(frozen=True, slots=True)
class Stack:
    """One role, up: its exports, and every resource in order of registration."""

    outputs: Mapping[str, Any]
    graph: tuple[Declared, ...]
    state: Mapping[str, Built]
    """What was answered for each resource, by URN: Pulumi would keep it in its state."""


def provision(
    role: str,
    *,
    client: ClientOf,
    config_dir: Path,
    account: str,
    outputs: Outputs,
    overrides: Mapping[str, Any] | None = None,
    clock: Clock | None = None,
    program: Program = declare,
) -> Stack:
    """Bring one role up in the cloud behind `client`, as `pulumi up` would.

    Args:
        role: `global`, `primary` or `standby`; names `Pulumi.<role>.yaml` in `config_dir`.
        client: a boto3 client for a service and a Region, not subject to the faults of a drill.
        config_dir: where configuration lies, and `prepared.standby.json` unless `settings_dir` is overridden.
        account: the account number, twelve digits.
        outputs: exports of the roles already up, by role.
        overrides: configuration of the project's namespace that wins over the file (`{"queues": {...}}`).
        clock: waits for what takes AWS time (an instance, a number). Without one, what is under way stays under way.
        program: what declares the role; tests give wrong ones.

    Raises:
        Unprovisionable: the configuration or the program is refused, or AWS refuses a resource.
        NotSimulated: something declared has no rules here.
    """
    config = _config(role, config_dir, overrides or {})
    works = _Works(account, client, clock.pause if clock else None, replica=_is_replica(config))
    with without_throttling():
        return _up(role, config, World(account, outputs), works, program)


def preview(
    role: str,
    *,
    config_dir: Path,
    account: str,
    outputs: Outputs,
    overrides: Mapping[str, Any] | None = None,
    program: Program = declare,
    state: Mapping[str, Built] | None = None,
) -> tuple[Declared, ...]:
    """What the role would declare, as `pulumi preview` sees it: nothing is built.

    Outputs are unknown, but for those of what is up already: `state` is the `Stack.state` of an earlier `provision`.

    Raises:
        Unprovisionable: the configuration or the program is refused.
        NotSimulated: something declared has no rules here.
    """
    config = _config(role, config_dir, overrides or {})
    works = _Inspection(replica=_is_replica(config), state=state)
    return _up(role, config, World(account, outputs), works, program, dry=True).graph


def _up(
    role: str, config: dict[str, str], world: World, works: _Inspection, program: Program, *, dry: bool = False
) -> Stack:
    try:
        exports = host(program, project=PROJECT, stack=role, config=config, world=world, build=works.build, dry=dry)
    except SettingsRefused as refused:
        raise Unprovisionable(str(refused), remedy="correct the configuration") from refused
    return Stack(exports, tuple(works.graph), works.state)


def _config(role: str, config_dir: Path, overrides: Mapping[str, Any]) -> dict[str, str]:
    path = config_dir / f"Pulumi.{role}.yaml"
    if not path.exists():
        raise Unprovisionable(f"{path} does not exist", remedy="name a role that has a configuration")
    keys: dict[str, Any] = {f"{PROJECT}:settings_dir": str(config_dir), **yaml.safe_load(path.read_text())["config"]}
    keys.update({f"{PROJECT}:{key}": value for key, value in overrides.items()})
    # Pulumi hands tables to programs as JSON.
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in keys.items()}


def _is_replica(config: Mapping[str, str]) -> bool:
    """Whether the role is a side that AWS mirrors the other one to."""
    role, continuity = (config.get(f"{PROJECT}:{key}") for key in ("role", "continuity"))
    return role == "standby" and continuity in (None, "global-resiliency")


class _Inspection:
    """Admits declarations and keeps them; builds nothing."""

    def __init__(self, *, replica: bool, state: Mapping[str, Built] | None = None) -> None:
        self._replica = replica
        self._urns: set[str] = set()
        self.graph: list[Declared] = []
        self.state = dict(state or {})

    def build(self, declared: Declared) -> Built:
        """Admit one declaration.

        Raises:
            Unprovisionable: it breaks a law of this module.
            NotSimulated: no builder knows its type.
        """
        self._admit(declared)
        self._urns.add(declared.urn)
        self.graph.append(declared)
        # A provider's id is part of how others name it, so it is known beforehand.
        return self.state.get(declared.urn) or Built(declared.name if declared.type == PROVIDER else "")

    def _admit(self, declared: Declared) -> None:
        urn = declared.urn
        if urn in self._urns:
            raise Unprovisionable(f"two resources are {urn}", remedy="name one of them otherwise", urn=urn)
        if not declared.custom or declared.type == PROVIDER:
            return
        if declared.type not in BUILDERS:
            raise NotSimulated("pulumi", declared.type)
        if not declared.provider:
            raise Unprovisionable(f"{urn} names no provider, hence no Region", remedy="pass it a provider", urn=urn)
        if self._replica and is_mirrored(declared.type):
            raise Unprovisionable(
                f"standby declares {urn}, which AWS mirrors from primary",
                remedy="declare it in primary only: under Global Resiliency it would conflict with the mirrored one",
                urn=urn,
            )


class _Works(_Inspection):
    """Admits declarations and builds them, each in the Region of its provider."""

    def __init__(self, account: str, client: ClientOf, pause: Pause | None, *, replica: bool) -> None:
        super().__init__(replica=replica)
        self._account, self._client, self._pause = account, client, pause
        self._regions: dict[str, str] = {}

    def build(self, declared: Declared) -> Built:
        """Carry out one declaration.

        Raises:
            Unprovisionable: AWS refuses it.
            NotSimulated: it has inputs without rules.
        """
        known = super().build(declared)
        if declared.type == PROVIDER:
            self._regions[declared.urn] = declared.inputs["region"]
        if declared.type == PROVIDER or not declared.custom:
            return known
        request = Request(declared, self._region(declared), self._account, self._client, self._pause)
        built = _carried_out(request)
        request.refuse_left_over()
        self.state[declared.urn] = built
        return built

    def _region(self, declared: Declared) -> str:
        return self._regions[declared.provider.rpartition("::")[0]]


def _carried_out(request: Request) -> Built:
    declared = request.declared
    try:
        with _identifiers_of(declared.urn):
            return BUILDERS[declared.type](request)
    except (ClientError, Conflict, NotFound, Rejected) as refusal:
        raise Unprovisionable(
            f"AWS refuses {declared.urn}: {refusal}", remedy="correct the stacks", urn=declared.urn
        ) from refusal
    except NotImplementedError as missing:  # moto's word for an operation without a backend
        raise NotSimulated("pulumi", f"{declared.type}: {missing}") from missing


@contextmanager
def _identifiers_of(urn: str) -> Iterator[None]:
    """Let moto draw identifiers from the URN, and leave its generator as it was."""
    before = mock_random.getstate()
    mock_random.seed(urn)
    try:
        yield
    finally:
        mock_random.setstate(before)
