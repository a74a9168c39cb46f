"""Values that undo needs and that nobody else may read: a person's phone number, say.

Laws: an action seals such a value as soon as it has read it, and unseals it only to write it, so that what the engine
compares, journals, shows and exports is the seal. Equal values have equal seals within one vault, and a seal tells
nothing about its value to whoever lacks the vault.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from orchestrator.model.errors import FailoverError

if TYPE_CHECKING:
    from orchestrator.model.values import Json

SEALED = "sealed"
"""The one key of a sealed value: `{"sealed": "<seal>"}`."""


class Unsealable(FailoverError):
    """The value behind a seal is not in the vault: it was purged, or sealed in another journal."""

    def __init__(self, seal: str) -> None:
        super().__init__(
            f"nobody keeps the value sealed as {seal[:12]}…",
            remedy="use the journal in which it was sealed; else set the value by hand",
        )
        self.seal = seal


class Vault(Protocol):
    """Keeps values by their seals."""

    def seal(self, value: str) -> Json:
        """`{"sealed": …}`, with the value kept; the empty text needs no seal and stays as it is."""

    def unseal(self, sealed: Json) -> str:
        """The value behind what `seal` gave.

        Raises:
            Unsealable: nobody keeps it.
        """


def seal_of(sealed: Json) -> str:
    """The seal in `{"sealed": …}`; empty where nothing is sealed."""
    return str(sealed[SEALED]) if isinstance(sealed, dict) and SEALED in sealed else ""


class Passing:
    """A vault for looks that nothing is kept of (a plan): seals are ordinals, which tell alike from unlike."""

    def __init__(self) -> None:
        self._seals: dict[str, str] = {}

    def seal(self, value: str) -> Json:
        """See `Vault.seal`."""
        return {SEALED: self._seals.setdefault(value, f"#{len(self._seals) + 1}")} if value else ""

    def unseal(self, sealed: Json) -> str:
        """See `Vault.unseal`."""
        seal = seal_of(sealed)
        if not seal:
            return ""
        for value, known in self._seals.items():
            if known == seal:
                return value
        raise Unsealable(seal)
