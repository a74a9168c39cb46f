"""Numbers and traffic distribution groups: facts of telephony, known to both Regions at once, homed in one.

Laws:
- A number and a group belong to the Region that made them; the other Region finds them by full ARN only.
- Which Region a caller reaches is one global fact: it does not lag, and it stands while a Region is dead.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from .mirror import now


@dataclass(slots=True)
class PhoneNumber:
    """A claimed number. A claim or a move is under way until `settled_at`; calls go to the old target till then.

    `failure` is why the operation under way will fail, or an empty string.
    """

    id: str
    arn: str
    e164: str
    region: str
    country: str
    type: str
    target_arn: str
    settled_at: datetime
    former_target_arn: str = ""
    failure: str = ""
    description: str = ""
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """`IN_PROGRESS`, then `CLAIMED` or `FAILED`."""
        if now() < self.settled_at:
            return "IN_PROGRESS"
        return "FAILED" if self.failure else "CLAIMED"

    @property
    def rings_at(self) -> str:
        """The ARN of the instance or group that takes calls now; empty while a first claim is under way or failed."""
        return self.target_arn if self.status == "CLAIMED" else self.former_target_arn


@dataclass(slots=True)
class TrafficGroup:
    """How one instance's callers, agents and sign-ins are shared between its two Regions. Shares are percent."""

    id: str
    arn: str
    name: str
    instance_id: str
    region: str
    regions: tuple[str, str]
    active_at: datetime
    is_default: bool
    telephony: dict[str, int]
    agents: dict[str, int]
    sign_in: dict[str, bool]
    description: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    users: set[str] = field(default_factory=set)
    failed_over_at: datetime | None = None

    @property
    def status(self) -> str:
        """`CREATION_IN_PROGRESS`, then `ACTIVE`."""
        return "ACTIVE" if now() >= self.active_at else "CREATION_IN_PROGRESS"
