"""The one table from a runbook's action name to its class. Third parties join by the entry-point group below.

Importing this module changes nothing; entry points are loaded only for names that the table does not know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points
from typing import Any

from orchestrator.actions import (
    agent_phones,
    agents,
    change,
    connect,
    desktop_modes,
    desktops,
    dns,
    dns_answers,
    dns_return,
    freshness,
    ivr,
    notify,
    numbers,
    people,
    queues,
    readiness,
    replication,
    service,
    telephony,
)
from orchestrator.model.actions import Action

GROUP = "failover.actions"

ACTIONS: tuple[type[Action[Any]], ...] = (
    agent_phones.PhoneConfig,
    agents.IncidentRouting,
    agents.NormalRouting,
    change.StackConfig,
    connect.ShiftSignin,
    connect.ShiftTraffic,
    connect.TrafficAt,
    desktop_modes.RunningMode,
    desktops.Available,
    desktops.Start,
    dns.ChangeRecords,
    dns.Evacuate,
    dns_answers.Answers,
    dns_return.Return,
    freshness.ReplicationFresh,
    ivr.Flag,
    notify.Publish,
    numbers.NumberFlow,
    numbers.NumberTarget,
    people.Approve,
    queues.QueueHours,
    readiness.Backlog,
    readiness.HealthyFor,
    readiness.LowTide,
    replication.ReplicateInstance,
    replication.TrafficGroup,
    replication.TrafficGroupAgents,
    service.Answers,
    service.CallsAnswered,
    telephony.GroupPriority,
    telephony.LeadsTo,
)


class Catalogue(Mapping[str, type[Action[Any]]]):
    """Our own actions, and third parties' by entry point (its name is the action's name)."""

    def __init__(self, known: Mapping[str, type[Action[Any]]] | None = None) -> None:
        self._known = dict(known) if known is not None else {action.name: action for action in ACTIONS}
        self._others: dict[str, Any] | None = None

    def __getitem__(self, name: str) -> type[Action[Any]]:
        if name not in self._known:
            self._known[name] = self._foreign()[name].load()
        return self._known[name]

    def __contains__(self, name: object) -> bool:
        return name in self._known or name in self._foreign()

    def __iter__(self) -> Iterator[str]:
        return iter(sorted({*self._known, *self._foreign()}))

    def __len__(self) -> int:
        return len({*self._known, *self._foreign()})

    def _foreign(self) -> dict[str, Any]:
        if self._others is None:
            self._others = {entry.name: entry for entry in entry_points(group=GROUP)}
        return self._others
