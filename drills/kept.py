"""Clouds that were built in this process, for the next build of an equal one.

Laws:
- A cloud restored is the cloud built: its inventory, ids, answers and times, and what a drill in it then exports.
- The key is all that a build depends on: the configuration as copied, the overrides, the stacks' program with the files
  that it reads, the runbook that prepares, the account and the time. The seed is no part of it, for a build draws
  nothing from that (`SimulatedCloud.beforehand`).
- Whoever wants one kept says so, by handing a `Kept` on: nothing is kept behind anybody's back, and a process whose
  code changes (a test that patches) has none.
"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import stacks
from drills.simulator.snapshot import NotKept, Snapshot, contents, take, untouched
from stacks.platform import POLICIES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from drills.simulator.cloud import SimulatedCloud
    from orchestrator.model.inventory import Inventory

KEPT_MAX = 4
"""Snapshots at once; some 300 KB each at 500 seats. The one made first gives way."""


class Kept:
    """The clouds built with this. `restored` counts those that had not to be built."""

    def __init__(self) -> None:
        self._snapshots: dict[str, Snapshot] = {}
        self.restored = 0

    def __len__(self) -> int:
        return len(self._snapshots)

    def one(self, key: str, cloud: SimulatedCloud, folder: Path, build: Callable[[], Inventory]) -> Inventory:
        """The cloud of this key, restored or else built and kept; and its inventory.

        Args:
            key: see `key_of`.
            cloud: open; one in which something has happened already is built.
            folder: the settings, as the build finds them.
            build: builds it.
        """
        if not untouched(cloud):
            return build()
        known = self._snapshots.get(key)
        if known is not None:
            self.restored += 1
            inventory: Inventory = known.restore(cloud, folder)
            return inventory
        inventory = build()
        # What called something without rules must be heard of each time.
        if not cloud.network.unlisted and not cloud.refused:
            self._keep(key, cloud, folder, inventory)
        return inventory

    def _keep(self, key: str, cloud: SimulatedCloud, folder: Path, inventory: Inventory) -> None:
        try:
            snapshot = take(cloud, folder, inventory)
        except NotKept:  # built again the next time, which is as good, and slower
            return
        if len(self._snapshots) >= KEPT_MAX:
            del self._snapshots[next(iter(self._snapshots))]
        self._snapshots[key] = snapshot


def key_of(
    cloud: SimulatedCloud, settings_dir: Path, overrides: Mapping[str, Mapping[str, Any]] | None, runbook_sha256: str
) -> str:
    """The digest of all that a build in this cloud depends on.

    Args:
        cloud: which account, and when.
        settings_dir: with the configuration in it.
        overrides: of the configuration, by role; their order counts, for resources are declared in it.
        runbook_sha256: of the runbook that prepares.
    """
    facts = {
        "account": cloud.account,
        "start": cloud.clock.start.isoformat(),
        "overrides": {role: dict(values) for role, values in (overrides or {}).items()},
        "runbook": runbook_sha256,
        "settings": _digests(settings_dir),
        "program": _digests(Path(stacks.__file__).parent),
        "policies": _digests(POLICIES),
    }
    return sha256(json.dumps(facts).encode()).hexdigest()


def _digests(folder: Path) -> dict[str, str]:
    files = contents(folder).items()
    return {name: sha256(content).hexdigest() for name, content in files if not name.endswith(".pyc")}
