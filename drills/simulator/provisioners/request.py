"""What a builder is given, and what it hands back.

Laws:
- A builder takes every input that it carries out; one left over is not simulated, and says so, instead of being lost.
- Ids and client tokens come from the URN, never from the order of arrival.
"""

from __future__ import annotations

import hashlib
import io
import uuid
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from orchestrator.model.errors import FailoverError, InvalidInput, NotSimulated

ClientOf: TypeAlias = Callable[[str, str], Any]
"""A boto3 client for a service and a Region."""
Pause: TypeAlias = Callable[[float], None]
"""Lets seconds pass."""

_NAMESPACE = uuid.UUID("b9d0f9b5-7c0e-5a44-9a38-5b1f3f3a7a10")
_REQUIRED: Final = object()

# Nothing in a drill reads tags, and the provider's own defaults ride in all of them.
_IGNORED = frozenset({"tags", "tagsAll", "region"})

WAITS_MAX = 60
WAIT_S = 5.0


class Unprovisionable(InvalidInput):
    """The program declares what cannot be built. `urn` names the resource, where it is one resource's fault."""

    def __init__(self, what: str, *, remedy: str, urn: str = "") -> None:
        super().__init__(what, remedy=remedy)
        self.urn = urn


class NeverReady(FailoverError):
    """Something that was made did not become usable within `WAITS_MAX` looks."""


@dataclass(frozen=True, slots=True)
class Archive:
    """A Pulumi archive, read: the content of each file by its name."""

    files: Mapping[str, bytes]

    def zipped(self) -> bytes:
        """The same zip for the same content, whenever it is made."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in sorted(self.files.items()):
                archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
        return packed.getvalue()

    def __repr__(self) -> str:
        digests = {name: hashlib.sha256(content).hexdigest()[:12] for name, content in sorted(self.files.items())}
        return f"Archive({digests})"


@dataclass(frozen=True, slots=True)
class Declared:
    """One resource as the program registered it. Inputs are named as the provider names them (camelCase)."""

    urn: str
    type: str
    name: str
    custom: bool
    inputs: Mapping[str, Any]
    parent: str
    provider: str
    dependencies: tuple[str, ...]
    protect: bool
    ignore_changes: tuple[str, ...]
    retain: bool = False


@dataclass(frozen=True, slots=True)
class Built:
    """What the provider would answer: the resource's id, and outputs beside its inputs."""

    id: str
    outputs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Request:
    """One resource to build, in its provider's Region."""

    declared: Declared
    region: str
    account: str
    client_of: ClientOf
    pause: Pause | None = None
    _left: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self._left = {key: value for key, value in self.declared.inputs.items() if key not in _IGNORED}

    def client(self, service: str, region: str | None = None) -> Any:
        """A client for the resource's Region, or another."""
        return self.client_of(service, region or self.region)

    @property
    def token(self) -> str:
        """An idempotency token that belongs to this resource."""
        return str(uuid.uuid5(_NAMESPACE, self.declared.urn))

    def take(self, key: str, otherwise: Any = _REQUIRED) -> Any:
        """An input, carried out by the caller; `otherwise` where it was not given.

        Raises:
            NotSimulated: a needed input is missing.
        """
        if key in self._left:
            return self._left.pop(key)
        if otherwise is _REQUIRED:
            raise NotSimulated("pulumi", f"{self.declared.type} without {key}")
        return otherwise

    def drop(self, key: str, *, only: Any) -> None:
        """Leave an input out of the calls, where its only simulated value needs none.

        Raises:
            NotSimulated: it has another value.
        """
        if self.take(key, only) != only:
            raise NotSimulated("pulumi", f"{self.declared.type}.{key} other than {only!r}")

    def refuse_left_over(self) -> None:
        """Say which inputs nobody carried out.

        Raises:
            NotSimulated: there is one.
        """
        if self._left:
            raise NotSimulated("pulumi", f"{self.declared.type}.{min(self._left)}")

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """Look until it is ready, as the provider does. Without a clock to wait on, what is under way stays so.

        Raises:
            NeverReady: it was not ready after the last look.
        """
        if self.pause is None:
            return
        for _ in range(WAITS_MAX):
            if ready():
                return
            self.pause(WAIT_S)
        raise NeverReady(
            f"{self.declared.urn} is not ready after {WAITS_MAX * WAIT_S:.0f} s", remedy="look at it in the cloud"
        )


Builder: TypeAlias = Callable[[Request], Built]


def given(**parameters: Any) -> dict[str, Any]:
    """The parameters that have a value: boto3 takes no None."""
    return {name: value for name, value in parameters.items() if value is not None}
