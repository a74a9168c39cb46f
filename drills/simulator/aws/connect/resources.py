"""What an instance is configured with. Every record here is mirrored between Regions, whole, edit by edit.

Records are frozen: an edit replaces one (`dataclasses.replace`), so that what is under way to the other Region cannot
change on the road. Under Global Resiliency a mirrored resource keeps its id; only the Region in its ARN differs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A configured thing with an id and a name that is unique among its kind; `segment` is its word in an ARN."""

    segment: ClassVar[str]
    id: str
    name: str
    description: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    modified_at: datetime
    modified_in: str


@dataclass(frozen=True, kw_only=True)
class Hours(Resource):
    """Hours of operation; `config` is the API's own list of days and times."""

    segment: ClassVar[str] = "operating-hours"

    time_zone: str
    config: tuple[dict[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class Queue(Resource):
    """A queue; `max_contacts` None means the instance's own limit."""

    segment: ClassVar[str] = "queue"

    status: str = "ENABLED"
    max_contacts: int | None = None
    hours_id: str
    quick_connect_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Served:
    """One queue in a routing profile: lower `priority` is served first, after `delay_s` seconds."""

    queue_id: str
    channel: str
    priority: int
    delay_s: int


@dataclass(frozen=True, kw_only=True)
class RoutingProfile(Resource):
    """Which queues its agents serve."""

    segment: ClassVar[str] = "routing-profile"

    default_outbound_queue_id: str
    media: tuple[dict[str, Any], ...]
    queues: tuple[Served, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SecurityProfile(Resource):
    """What its users may do."""

    segment: ClassVar[str] = "security-profile"

    permissions: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Agent(Resource):
    """A user who takes contacts; `name` is the user name."""

    segment: ClassVar[str] = "agent"

    routing_profile_id: str
    security_profile_ids: tuple[str, ...]
    phone_config: dict[str, Any]
    identity: dict[str, Any] = field(default_factory=dict)
    directory_user_id: str = ""


@dataclass(frozen=True, kw_only=True)
class QuickConnect(Resource):
    """A destination that agents may transfer a contact to; `config` is the API's own."""

    segment: ClassVar[str] = "transfer-destination"

    config: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Written(Resource):
    """What is written in the Amazon Connect Flow language; `content` is its JSON."""

    content: str
    state: str = "ACTIVE"
    status: str = "PUBLISHED"

    @cached_property
    def parsed(self) -> dict[str, Any]:
        """The content, parsed once."""
        parsed: dict[str, Any] = json.loads(self.content)
        return parsed


@dataclass(frozen=True, kw_only=True)
class Flow(Written):
    """A flow of one type."""

    segment: ClassVar[str] = "contact-flow"

    type: str


@dataclass(frozen=True, kw_only=True)
class Module(Written):
    """A part that flows share: they invoke it and go on."""

    segment: ClassVar[str] = "flow-module"
