"""One Region's side of one instance: what a call or an agent meets there, now.

Laws:
- Every read first lets due edits of the other Region arrive (`mirror`).
- Contacts, functions, bots, storage and the flow of a number belong to this Region alone and are never mirrored.
- A contact stays where it came in: shifting traffic moves no contact that exists (Administrator Guide, "Update
  telephony traffic distribution").
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from .mirror import NEVER, RETRY, Arrival, Version, cut_since, lag_of, new_version, now
from .opening import is_open
from .resources import Agent, Flow, Hours, Module, Queue, Resource, RoutingProfile

if TYPE_CHECKING:
    from collections.abc import Callable

    from .telephony import PhoneNumber

R = TypeVar("R", bound=Resource)


@dataclass(slots=True)
class Contact:
    """One call, in the Region that took it. Times are aware and UTC; None has not happened."""

    id: str
    instance_id: str
    region: str
    number_arn: str
    initiated_at: datetime
    group_id: str = ""
    enqueued_at: datetime | None = None
    queue_id: str | None = None
    agent_id: str | None = None
    connected_at: datetime | None = None
    disconnected_at: datetime | None = None
    channel: str = "VOICE"


class Site:
    """One Region's side of one instance. `is_source` parts the instance's own Region from its replica's."""

    def __init__(
        self,
        account: str,
        instance_id: str,
        region: str,
        number_with: Callable[[str], PhoneNumber | None],
        *,
        is_source: bool = True,
    ) -> None:
        self.account = account
        self.instance_id = instance_id
        self.region = region
        self.is_source = is_source
        self.peer: Site | None = None
        self.contacts: list[Contact] = []
        self.functions: set[str] = set()
        self.bots: set[str] = set()  # ARNs of the aliases of Lex V2 bots
        self.storage: dict[str, dict[str, Any]] = {}  # resource type → where it goes
        self.number_flows: dict[tuple[str, str], str] = {}  # (number's ARN, the target it had) → flow id
        self._number_with = number_with
        self._records: dict[type[Resource], dict[str, Resource]] = {}
        self._names: dict[tuple[type[Resource], str], str] = {}
        self._versions: dict[str, Version] = {}
        self.inbox: list[Arrival] = []

    # What calls and agents read.

    def flow_content(self, number_arn: str) -> dict[str, Any] | None:
        """The parsed content of the flow attached to the number in this Region, or None."""
        number = self._number_with(number_arn)
        flow_id = number and self.number_flows.get((number_arn, number.rings_at))
        flow = self.find(Flow, flow_id) if flow_id else None
        return flow.parsed if flow else None

    def module_content(self, module_id: str) -> dict[str, Any] | None:
        """The parsed content of a flow module, or None."""
        module = self.find(Module, module_id)
        return module.parsed if module else None

    def is_open(self, hours_id: str) -> bool | None:
        """Whether these hours of operation are open now; None where this Region does not know them."""
        hours = self.find(Hours, hours_id)
        return is_open(hours, now()) if hours else None

    def queue(self, queue_id: str) -> Queue | None:
        """The queue with this id, as this Region knows it."""
        return self.find(Queue, queue_id)

    def agents(self) -> list[Agent]:
        """Every user, by user name."""
        return self.all(Agent)

    def queues_of(self, routing_profile_id: str) -> tuple[str, ...]:
        """The voice queues that the profile serves, in priority order."""
        profile = self.find(RoutingProfile, routing_profile_id)
        if profile is None:
            return ()
        voice = (entry for entry in profile.queues if entry.channel == "VOICE")
        return tuple(entry.queue_id for entry in sorted(voice, key=lambda entry: (entry.priority, entry.delay_s)))

    def lambda_arns(self) -> frozenset[str]:
        """The functions that flows may invoke here."""
        return frozenset(self.functions)

    def add_contact(self, contact: Contact) -> Contact:
        """Take a call in this Region; the caller of this method keeps the object and moves it on."""
        self.contacts.append(contact)
        return contact

    # What the operations read and write.

    def arn(self, kind: type[Resource], resource_id: str) -> str:
        """The ARN of a resource as this Region names it."""
        return f"{self.instance_arn}/{kind.segment}/{resource_id}"

    @property
    def instance_arn(self) -> str:
        """The ARN of the instance as this Region names it."""
        return f"arn:aws:connect:{self.region}:{self.account}:instance/{self.instance_id}"

    def find(self, kind: type[R], resource_id: str) -> R | None:
        """The record with this id, or None."""
        self.settle()
        found = self._records.get(kind, {}).get(resource_id)
        return found if isinstance(found, kind) else None

    def named(self, kind: type[R], name: str) -> R | None:
        """The record with this name, or None."""
        self.settle()
        taken_by = self._names.get((kind, name))
        return self.find(kind, taken_by) if taken_by else None

    def all(self, kind: type[R]) -> list[R]:
        """All records of one kind, by name."""
        self.settle()
        records = (record for record in self._records.get(kind, {}).values() if isinstance(record, kind))
        return sorted(records, key=lambda record: record.name)

    def put(self, record: R) -> R:
        """Store an edit made here and send it on its way to the other Region."""
        record = dataclasses.replace(record, modified_at=now(), modified_in=self.region)
        version = new_version()
        self._keep(record, version)
        if self.peer is not None:
            lag = lag_of(self.instance_id, self.region, record.id, record.modified_at)
            self.peer.inbox.append(Arrival(record.modified_at + lag, version, record))
        return record

    # How edits arrive.

    def join(self, replica: Site, complete_at: datetime) -> None:
        """Send everything to a new replica, to be there at `complete_at`, and mirror both ways from then on."""
        self.peer, replica.peer = replica, self
        for records in self._records.values():
            for record in records.values():
                first = Arrival(complete_at, self._versions[record.id], record, initial=True)
                replica.inbox.append(first)

    def settle(self) -> None:
        """Let what is due arrive, unless this Region or the other was down by then."""
        if not self.inbox or self.peer is None:
            return
        present = now()
        due = [arrival for arrival in self.inbox if arrival.due <= present]
        if not due:
            return
        cut = cut_since(self.region, self.peer.region)
        for arrival in due:
            if (cut and arrival.due > cut) or self._name_is_taken(arrival.record):
                arrival.due = present + RETRY
            elif arrival.version > self._versions.get(arrival.record.id, NEVER):
                self._keep(arrival.record, arrival.version)
        self.inbox = [arrival for arrival in self.inbox if arrival.due > present]

    def pending(self) -> int:
        """How many edits of the other Region have not arrived here."""
        self.settle()
        return len(self.inbox)

    def drifted(self, kind: type[Resource]) -> list[Resource]:
        """The records of one kind with an edit of the other Region that has not arrived here, each once, by id."""
        self.settle()
        under_way = {arrival.record.id: arrival.record for arrival in self.inbox if type(arrival.record) is kind}
        return [under_way[each] for each in sorted(under_way)]

    def in_conflict(self, kind: type[Resource]) -> list[Resource]:
        """Those of `drifted` that cannot arrive: another record has the name here."""
        return [record for record in self.drifted(kind) if self._name_is_taken(record)]

    def has_first_copy(self) -> bool:
        """Whether everything that the source had at replication has arrived here."""
        self.settle()
        return not any(arrival.initial for arrival in self.inbox)

    def _name_is_taken(self, record: Resource) -> bool:
        # The same name under two ids is a conflict that a person mends; until then that edit does not sync.
        return self._names.get((type(record), record.name), record.id) != record.id

    def _keep(self, record: Resource, version: Version) -> None:
        self._records.setdefault(type(record), {})[record.id] = record
        self._names[type(record), record.name] = record.id
        self._versions[record.id] = version
