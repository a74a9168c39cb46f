"""Hands that let go of nothing once the lease is not surely ours: for a process that stood still and was overtaken.

Law: what another runner may be doing by now is not done here as well. Each request asks two clocks before it goes out,
and no store, so it costs nothing; what has left the machine by then is beyond anybody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime
    from pathlib import Path

    from orchestrator.model.actions import Call, Cloud
    from orchestrator.model.sealing import Vault

_NO_REQUEST = frozenset({"get_paginator", "meta", "exceptions"})
"""What a client offers besides operations. Pages are read only."""


def fenced(
    hands: Callable[[Collection[Call]], Cloud], guard: Callable[[], None]
) -> Callable[[Collection[Call]], Cloud]:
    """The same hands; `guard` is called before each request, in the thread that sends it, and may refuse."""
    return lambda declared: Fenced(hands(declared), guard)


class Fenced:
    """A cloud as an action's hands know it, behind a guard."""

    def __init__(self, cloud: Cloud, guard: Callable[[], None]) -> None:
        self._cloud, self._guard = cloud, guard

    def client(self, service: str, region: str) -> Any:
        """See `Cloud.client`."""
        return _Client(self._cloud.client(service, region), self._guard)

    def resolve(self, name: str) -> tuple[str, ...]:
        """See `Cloud.resolve`."""
        return self._cloud.resolve(name)

    def now(self) -> datetime:
        """See `Cloud.now`."""
        return self._cloud.now()

    @property
    def settings_dir(self) -> Path:
        """See `Cloud.settings_dir`; nobody writes there any more either."""
        self._guard()
        return self._cloud.settings_dir

    @property
    def vault(self) -> Vault:
        """See `Cloud.vault`."""
        return self._cloud.vault


class _Client:
    """A client whose operations ask first."""

    def __init__(self, client: Any, guard: Callable[[], None]) -> None:
        self._client, self._guard = client, guard

    def __getattr__(self, name: str) -> Any:
        """The method for one operation, with the guard before it."""
        if name.startswith("_"):
            raise AttributeError(name)
        own, guard = getattr(self._client, name), self._guard
        if name in _NO_REQUEST:
            return own

        def method(**params: Any) -> Any:
            guard()
            return own(**params)

        return method
