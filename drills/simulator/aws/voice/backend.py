"""One account's Chime SDK Voice in one Region: what is homed there, and how it is found from any other.

State lives in a backend of moto's kind, so that moto's reset, accounts and Regions hold for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from moto.core.base_backend import BackendDict, BaseBackend

from drills.simulator.aws.connect.buckets import Buckets, Rate
from drills.simulator.aws.connect.identity import identity
from drills.simulator.aws.connect.mirror import cut_since

from .errors import BadRequestException, NotFoundException, ServiceUnavailableException

if TYPE_CHECKING:
    from types import ModuleType

    from .state import ConnectorGroup, VoiceConnector

Asked = Mapping[str, Any]
Answer = dict[str, Any]
T = TypeVar("T")

SERVICE = "chime-sdk-voice"
RATE = Rate(2.0, 2)
"""Assumed: AWS publishes no request rate of these operations."""


class Backend(BaseBackend):
    """The connectors of a Region, and the groups that were made at its endpoint."""

    routes: ClassVar[ModuleType]
    """The module with `url_bases` and `url_paths`; `install` sets it."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.connectors: dict[str, VoiceConnector] = {}
        self.groups: dict[str, ConnectorGroup] = {}
        self.buckets = Buckets(RATE, {})

    @property
    def _url_module(self) -> ModuleType:
        # moto derives this module's name from the backend's, which holds for its own packages only.
        return self.routes

    def beside(self, region: str) -> Backend:
        """This account's backend in another Region.

        Raises:
            BadRequestException: the service is not offered there.
        """
        if region not in backends[self.account_id]:
            raise BadRequestException(f"There are no Voice Connectors in {region}")
        return backends[self.account_id][region]

    def connector(self, connector_id: str) -> VoiceConnector:
        """A Voice Connector, wherever it is homed.

        Raises:
            NotFoundException: the account has no such connector.
        """
        return _found(connector_id, "Voice Connector", (each.connectors for each in everywhere(self)))

    def group(self, group_id: str) -> ConnectorGroup:
        """A Voice Connector group, wherever it was made.

        Raises:
            NotFoundException: the account has no such group.
        """
        return _found(group_id, "Voice Connector group", (each.groups for each in everywhere(self)))

    def new_id(self, kind: str, name: str, taken: Mapping[str, object]) -> str:
        """A UUID for something new. Names need not differ: the next of a name gets the next id."""
        return next(
            found
            for count in range(len(taken) + 1)
            if (found := identity(self.account_id, self.region_name, kind, name, str(count))) not in taken
        )


backends: BackendDict[Backend] = BackendDict(Backend, SERVICE)
"""Account → Region → backend."""


def everywhere(backend: Backend) -> Iterator[Backend]:
    """The account's backends, one for each Region in use."""
    return of_account(backend.account_id)


def of_account(account: str) -> Iterator[Backend]:
    """An account's backends, one for each Region in use."""
    yield from list(backends[account].values())


def refuse_unless_alive(home: str, what: str) -> None:
    """Changes need the resource's home.

    Raises:
        ServiceUnavailableException: its Region is dead.
    """
    if cut_since(home) is not None:
        raise ServiceUnavailableException(f"{what} is kept in {home}, which does not answer")


def _found(wanted: str, kind: str, known: Iterable[Mapping[str, T]]) -> T:
    found = next((each[wanted] for each in known if wanted in each), None)
    if found is None:
        raise NotFoundException(f"{kind} {wanted} does not exist")
    return found
