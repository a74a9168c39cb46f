"""Which vault the actions of an execution seal into: the one beside its journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime
    from pathlib import Path
    from typing import Any

    from orchestrator.journal.sqlite import SqliteJournal
    from orchestrator.journal.vault import SqliteVault
    from orchestrator.model.actions import Call, Cloud
    from orchestrator.model.chance import Chance
    from orchestrator.model.sealing import Vault
    from orchestrator.wiring.clouds import World

KEY_BYTES = 32


def vault_of(journal: SqliteJournal, execution: str, chance: Chance) -> SqliteVault:
    """The execution's vault; equal seeds give equal keys, so that their journals are equal too."""
    return journal.vault(execution, lambda: chance.secret(f"vault/{execution}", KEY_BYTES))


def sealing(world: World, vault: SqliteVault) -> Callable[[Collection[Call]], Cloud]:
    """The world's hands, with this vault."""
    return lambda declared: Beside(world.hands(declared), vault)


class Beside:
    """A cloud as an action's hands know it, with another vault beside it."""

    def __init__(self, cloud: Cloud, vault: Vault) -> None:
        self._cloud, self._vault = cloud, vault

    @property
    def vault(self) -> Vault:
        """The other vault."""
        return self._vault

    def client(self, service: str, region: str) -> Any:
        """See `Cloud.client`."""
        return self._cloud.client(service, region)

    def resolve(self, name: str) -> tuple[str, ...]:
        """See `Cloud.resolve`."""
        return self._cloud.resolve(name)

    def now(self) -> datetime:
        """See `Cloud.now`."""
        return self._cloud.now()

    @property
    def settings_dir(self) -> Path:
        """See `Cloud.settings_dir`."""
        return self._cloud.settings_dir
