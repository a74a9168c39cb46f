"""DynamoDB's replicas in other Regions, which moto accepts and forgets, put into moto from outside.

Rules and their sources: API Reference, UpdateTable (`ReplicaUpdates`) and DescribeTable (`Replicas`: those in other
Regions); Developer Guide, "Global tables" (every replica has the same name and the same items) and "Best practices for
global tables" (deletion protection is enabled on each replica).
Modelled: a replica is ACTIVE at once, and items are in all of them without lag.
"""

from __future__ import annotations

import copy
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from moto.dynamodb import models, urls
from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.responses import DynamoHandler

if TYPE_CHECKING:
    from moto.dynamodb.models.table import Table


class Backend(models.DynamoDBBackend):
    """moto's DynamoDB with tables that stand in several Regions."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.replicated: dict[str, set[str]] = {}
        """Table → all Regions that it stands in; one set, shared by the backends of these Regions."""

    @property
    def _url_module(self) -> SimpleNamespace:
        # moto finds a backend's URLs beside its class, and ours lives elsewhere.
        return _ROUTES

    def describe_table(self, name: str) -> dict[str, Any]:
        """DescribeTable, with the replicas in other Regions."""
        described = super().describe_table(name)
        others = sorted(self.replicated.get(name, set()) - {self.region_name})
        if others:
            described["Table"]["Replicas"] = [{"RegionName": each, "ReplicaStatus": "ACTIVE"} for each in others]
        return described

    def delete_table(self, name: str) -> Table:
        """DeleteTable, here only."""
        deleted = super().delete_table(name)
        self.replicated.pop(deleted.name, set()).discard(self.region_name)
        return deleted

    def replicate(self, name: str, region: str) -> None:
        """One more Region for a table.

        Raises:
            MockValidationException: it stands there already.
        """
        table, there = self.get_table(name), self._beside(region)
        if name in there.tables:
            raise MockValidationException(f"A table named {name} exists in {region}")
        replica = copy.copy(table)  # its own name in ARNs, the same items
        replica.region_name, replica.table_arn = region, table.table_arn.replace(self.region_name, region, 1)
        replica.deletion_protection_enabled = False  # each replica's own
        regions = self.replicated.setdefault(name, {self.region_name})
        regions.add(region)
        there.tables[name], there.replicated[name] = replica, regions

    def withdraw(self, name: str, region: str) -> None:
        """One Region less."""
        self._beside(region).tables.pop(name, None)
        self._beside(region).replicated.pop(name, set()).discard(region)

    def _beside(self, region: str) -> Backend:
        other = models.dynamodb_backends[self.account_id][region]
        if not isinstance(other, Backend):
            raise TypeError("the simulated DynamoDB was installed after moto's own was used")
        return other


class Responses(DynamoHandler):
    """moto's requests, with the replicas of UpdateTable."""

    def update_table(self) -> Any:
        """UpdateTable; a replica's own settings are not simulated, and change nothing."""
        answer = super().update_table()
        name, backend = self.body["TableName"], models.dynamodb_backends[self.current_account][self.region]
        for update in self.body.get("ReplicaUpdates") or ():
            if not isinstance(backend, Backend):
                raise TypeError("the simulated DynamoDB was installed after moto's own was used")
            if "Create" in update:
                backend.replicate(name, update["Create"]["RegionName"])
            if "Delete" in update:
                backend.withdraw(name, update["Delete"]["RegionName"])
        return answer


_ROUTES = SimpleNamespace(url_bases=urls.url_bases, url_paths=dict.fromkeys(urls.url_paths, Responses.dispatch))


def install() -> None:
    """Put our backend in moto's place. Idempotent; moto's state of this service should be empty."""
    models.dynamodb_backends.backend = Backend
