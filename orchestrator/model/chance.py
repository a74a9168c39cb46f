"""Randomness and identities come in by argument (law 6). The only module that draws them."""

from __future__ import annotations

import random  # noqa: TID251 - this is the one module
import secrets  # noqa: TID251 - this is the one module
import uuid
from typing import Protocol

_NAMESPACE = uuid.UUID("6f6f1d7e-93b5-5d44-8f5c-0b7f4d3f2a11")


class Chance(Protocol):
    """A source of identities and of numbers in [0, 1)."""

    @property
    def seed(self) -> int | None:
        """The seed, or None where nothing is repeatable."""

    def identity(self, name: str) -> str:
        """A UUID for `name`."""

    def stream(self, name: str) -> random.Random:
        """A generator of its own for `name`, so that one consumer's draws never move another's."""

    def secret(self, name: str, length: int) -> bytes:
        """A key of so many bytes for `name`."""


class SystemChance:
    """Fresh identities, numbers from the machine."""

    seed = None

    def identity(self, name: str) -> str:  # noqa: ARG002 - the name matters to seeded chance only
        """A new UUID each time."""
        return str(uuid.uuid4())  # noqa: TID251 - this is the one module

    def stream(self, name: str) -> random.Random:  # noqa: ARG002
        """A generator seeded by the machine."""
        return random.Random()  # noqa: S311 - jitter, no secret

    def secret(self, name: str, length: int) -> bytes:  # noqa: ARG002
        """Bytes that nobody can guess."""
        return secrets.token_bytes(length)


class SeededChance:
    """The same seed and names give the same identities and numbers, in every process."""

    def __init__(self, seed: int) -> None:
        self.seed: int | None = seed

    def identity(self, name: str) -> str:
        """uuid5 of seed and name."""
        return str(uuid.uuid5(_NAMESPACE, f"{self.seed}:{name}"))

    def stream(self, name: str) -> random.Random:
        """A generator seeded with seed and name (strings seed by SHA-512, not by the process's hash)."""
        return random.Random(f"{self.seed}:{name}")  # noqa: S311 - repeatable on purpose

    def secret(self, name: str, length: int) -> bytes:
        """Bytes drawn from the stream: equal seeds seal alike."""
        return self.stream(name).randbytes(length)


def token(execution: str, item: str) -> str:
    """The idempotency token of an Effect: the same for every attempt and every resume of one item."""
    return str(uuid.uuid5(_NAMESPACE, f"{execution}/{item}"))
