"""What the service keeps: Voice Connectors, each in one Region, and the groups that lead calls to them.

Laws:
- A resource is known to the whole account, at every endpoint of the service (Developer Guide, "Migrating to the Amazon
  Chime SDK Voice namespace": endpoints in any Region; a group has connectors of several).
- Each has a home, whose loss makes it read-only. AWS does not say so: it is modelled, on the safe side.
- A change of a group is accepted at once (202) and takes effect a little later; the delay is modelled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from drills.simulator.aws.connect.mirror import now

GROUP_CHANGED = timedelta(seconds=5)
"""From an accepted change of a group until it is shown, and calls go by it. Modelled."""


@dataclass(slots=True)
class VoiceConnector:
    """A SIP trunk in one Region, which is its home. `origination` is None until it was put."""

    id: str
    arn: str
    name: str
    home: str
    require_encryption: bool
    made_at: datetime
    origination: dict[str, Any] | None = None

    @property
    def takes_calls(self) -> bool:
        """Whether inbound calls have somewhere to go (botocore, Origination: `Disabled` takes none)."""
        origination = self.origination or {}
        return bool(origination.get("Routes")) and not origination.get("Disabled", False)


@dataclass(slots=True)
class ConnectorGroup:
    """Which connectors inbound calls go to: connector id → priority, 1 the highest. Its home is where it was made."""

    id: str
    name: str
    home: str
    made_at: datetime
    changed_at: datetime
    former: Mapping[str, int]
    wanted: Mapping[str, int]
    distribution: str = ""
    settled_at: datetime | None = None
    """When the last change takes effect; None before any."""

    @property
    def changing(self) -> bool:
        """Whether an accepted change has not taken effect yet."""
        return self.settled_at is not None and now() < self.settled_at

    @property
    def priorities(self) -> Mapping[str, int]:
        """What calls go by now."""
        return self.former if self.changing else self.wanted

    def change(self, wanted: Mapping[str, int], *, at_once: bool) -> None:
        """Accept a new list."""
        self.former, self.wanted, self.changed_at = self.wanted, wanted, now()
        self.settled_at = None if at_once else now() + GROUP_CHANGED

    @property
    def leading(self) -> list[str]:
        """The connectors of the highest priority, which share the calls; by id."""
        highest = min(self.priorities.values(), default=0)
        return sorted(connector for connector, priority in self.priorities.items() if priority == highest)
