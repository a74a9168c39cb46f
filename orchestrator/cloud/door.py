"""The one door to AWS: sessions, clients, limits of time, refusal of what was not declared, and the list of calls made.

Laws: nobody else imports boto3. An operation that its action did not declare is refused before anything is sent. Each
call is sent once, paced beforehand and sorted afterwards: retrying is the engine's. Every call leaves a line in `made`.

Paging: `client.get_paginator("list_users").paginate(InstanceId=…)` as in boto3; each page passes the same checks, has
its own place in line and its own line in `made`. Waiters, presigned URLs and transfers are not offered: the first wait
on their own clock, the others send what nobody declared.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property, partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeAlias, TypeVar
from urllib.parse import urlsplit

from orchestrator import __version__
from orchestrator.cloud.faults import outcome, raised_by_aws, sort_error
from orchestrator.cloud.regions import DNS, client_region, endpoint, services
from orchestrator.model.actions import Call
from orchestrator.model.errors import FailoverError, Throttled, UndeclaredOperation
from orchestrator.model.sealing import Passing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path

    from orchestrator.cloud.pace import Pace
    from orchestrator.cloud.resolver import Resolver
    from orchestrator.model.clock import Clock

CONNECT_TIMEOUT_S: Final = 3
READ_TIMEOUT_S: Final = 10
"""A black hole must cost seconds: botocore's own limits are 60 s each, times its attempts."""

POOL: Final = 64
"""Connections kept per client: as many as there are workers in `ThreadCalls`."""

OK: Final = "ok"

T = TypeVar("T")
Key: TypeAlias = tuple[str, str, str]
"""Service, operation, Region."""

_RESOLVE = Call(DNS, "Resolve", "")


@dataclass(frozen=True, slots=True)
class CallMade:
    """One call that was tried. `at` is when it was sent (UTC); `outcome` is "ok" or the error's code."""

    service: str
    operation: str
    region: str
    host: str
    at: datetime
    outcome: str
    request_id: str = ""


class Door:
    """Makes clients for one account role.

    Args:
        clock: the time, and the wait for a place in line.
        pace: the account's buckets.
        resolver: who answers DNS.
        settings_dir: where the stacks' configuration lives.
        credentials: `aws_access_key_id`, `aws_secret_access_key` and perhaps `aws_session_token`; None takes boto3's
            usual chain.
        profile: a named profile of the AWS configuration.
        endpoint_url: one address for everything.
        endpoint_of: the address by service and Region (a served simulated cloud); it goes before `endpoint_url`.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        pace: Pace,
        resolver: Resolver,
        settings_dir: Path,
        credentials: Mapping[str, str] | None = None,
        profile: str | None = None,
        endpoint_url: str | None = None,
        endpoint_of: Callable[[str, str], str | None] | None = None,
    ) -> None:
        self.clock, self.pace, self.resolver, self.settings_dir = clock, pace, resolver, settings_dir
        self.made: list[CallMade] = []
        """Every call tried through this door, in the order of their ends. Only ever appended to."""
        self._endpoint_of: Callable[[str, str], str | None] = endpoint_of or (lambda _service, _region: endpoint_url)
        self.clients = _Clients(credentials, profile, self._endpoint_of)
        self.vault = Passing()
        """Of looks that belong to no execution; what does is sealed beside its journal."""

    def hands(self, declared: Collection[Call]) -> Hands:
        """A `Cloud` for one action: its declared operations, by service, operation and Region, and nothing else."""
        return Hands(self, declared)

    def client(self, service: str, region: str) -> Any:
        """A client without limits, for provisioning and reading: not paced; errors sorted, calls recorded."""
        return Client(self, service, region, allowed=None)

    def close(self) -> None:
        """Close the connections kept open. The door may be used again: it opens others."""
        self.clients.close()

    def host(self, call: Call) -> str:
        """The host that `call` really reaches."""
        if given := self._endpoint_of(call.service, call.region):
            return urlsplit(given).netloc
        if call.service in services():
            return endpoint(call).host
        # A service that no action may declare, but that provisioning uses.
        return urlsplit(str(self.clients.get(call.service, call.region).meta.endpoint_url)).netloc

    def send(self, call: Call, host: str, work: Callable[[], T]) -> T:
        """Carry out one call, record how it went, and sort what it raises.

        Raises:
            FailoverError: whatever `work` raised that belongs to AWS, the network or the simulated cloud.
        """
        at = self.clock.now()
        try:
            reply = work()
        except FailoverError as error:
            self._record(call, host, at, outcome(error), None)
            raise
        except raised_by_aws() as error:
            known = sort_error(error, service=call.service, operation=call.operation, region=call.region)
            self._record(call, host, at, outcome(known), getattr(error, "response", None))
            raise known from error
        self._record(call, host, at, OK, reply)
        return reply

    def _record(self, call: Call, host: str, at: datetime, how: str, reply: Any) -> None:
        told = reply.get("ResponseMetadata", {}) if isinstance(reply, dict) else {}
        request_id = str(told.get("RequestId", ""))
        self.made.append(CallMade(call.service, call.operation, call.region, host, at, how, request_id))


class Hands:
    """What an action is handed (`model.actions.Cloud`): clients that do what was declared, and refuse the rest."""

    def __init__(self, door: Door, declared: Collection[Call]) -> None:
        self._door, self.vault = door, door.vault
        self._allowed = frozenset((call.service, call.operation, call.region) for call in declared)
        self._may_resolve = any(call.service == DNS for call in declared)

    def client(self, service: str, region: str) -> Any:
        """A boto3-shaped client, see `Client`."""
        return Client(self._door, service, region, self._allowed)

    def resolve(self, name: str) -> tuple[str, ...]:
        """As `Resolver.resolve`, recorded like any call.

        Raises:
            UndeclaredOperation: no call of the service "dns" was declared.
        """
        if not self._may_resolve:
            raise UndeclaredOperation(DNS, "Resolve", "")
        return self._door.send(_RESOLVE, DNS, lambda: self._door.resolver.resolve(name))

    def now(self) -> datetime:
        """The present, UTC."""
        return self._door.clock.now()

    @property
    def settings_dir(self) -> Path:
        """Where the stacks' configuration lives."""
        return self._door.settings_dir


class Client:
    """A boto3 client's operations and paginators, each call checked, paced, sent, recorded and sorted.

    Args:
        door: whose calls these are.
        service: as boto3 spells it.
        region: as declared.
        allowed: (service, operation, region) that may be called, paced; None allows everything, unpaced.
    """

    def __init__(self, door: Door, service: str, region: str, allowed: Collection[Key] | None) -> None:
        self._door, self._service, self._region, self._allowed = door, service, region, allowed

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """The method for one operation; kept, so that the next use costs an attribute."""
        if name.startswith("_"):
            raise AttributeError(name)  # Python itself asking, when it copies or inspects
        raw = self._door.clients.get(self._service, self._region)
        operation = raw.meta.method_to_api_mapping.get(name)
        if operation is None:
            raise AttributeError(f"{self._service} has no operation {name} (waiters and transfers are not offered)")
        method = self._method(Call(self._service, operation, self._region), getattr(raw, name))
        self.__dict__[name] = method
        return method

    def get_paginator(self, name: str) -> Any:
        """As boto3's; every page is a call of its own.

        Raises:
            AttributeError: the operation has no pages.
        """
        pages, operation = self._door.clients.paginator(self._service, self._region, name, getattr(self, name))
        return SimpleNamespace(paginate=partial(_paged, pages, Call(self._service, operation, self._region)))

    def _method(self, call: Call, send: Callable[..., Any]) -> Callable[..., Any]:
        door, key = self._door, (call.service, call.operation, call.region)
        if self._allowed is None:
            host = door.host(call)
            return lambda **params: door.send(call, host, lambda: send(**params))
        if key not in self._allowed:
            return partial(_refuse, key)
        host = door.host(call)

        def method(**params: Any) -> Any:
            wait_s = door.pace.reserve(*key)
            if wait_s > 0:
                door.clock.pause(wait_s)
            try:
                return door.send(call, host, lambda: send(**params))
            except Throttled:
                door.pace.throttled(*key)
                raise

        return method


class _Clients:
    """The boto3 session and its clients, made when first needed and then kept: a client costs 7 ms, a session 130."""

    def __init__(
        self, credentials: Mapping[str, str] | None, profile: str | None, endpoint_of: Callable[[str, str], str | None]
    ) -> None:
        self._credentials, self._profile, self._endpoint_of = dict(credentials or {}), profile, endpoint_of
        self._lock = threading.RLock()  # sessions are not safe between threads; clients are
        self._made: dict[tuple[str, str], Any] = {}

    def get(self, service: str, region: str) -> Any:
        """boto3's own client.

        Raises:
            CloudError: no such profile, service or Region.
        """
        key = (service, client_region(service, region))
        found = self._made.get(key)
        if found is None:
            with self._lock:
                found = self._made.get(key) or self._make(*key)
                self._made[key] = found
        return found

    def close(self) -> None:
        """Close every client, and forget them."""
        with self._lock:
            for client in self._made.values():
                client.close()
            self._made.clear()

    def paginator(self, service: str, region: str, name: str, page: Callable[..., Any]) -> tuple[Any, str]:
        """boto3's paginator of method `name`, fetching each page by `page`; and its operation's name."""
        from botocore.paginate import Paginator  # noqa: PLC0415 - start-up, as boto3 below

        client = self.get(service, region)
        if not client.can_paginate(name):
            raise AttributeError(f"{service} {name} has no pages: call it, and follow its token")
        operation = client.meta.method_to_api_mapping[name]
        with self._lock:
            pages = self._core.get_paginator_model(service).get_paginator(operation)
        return Paginator(page, pages, client.meta.service_model.operation_model(operation)), operation

    def _make(self, service: str, region: str) -> Any:
        try:
            where = self._endpoint_of(service, region)
            return self._session.client(service, region_name=region, endpoint_url=where, config=_config())
        except raised_by_aws() as error:
            raise sort_error(error, service=service, operation="CreateClient", region=region) from error

    @cached_property
    def _core(self) -> Any:
        from botocore.session import get_session  # noqa: PLC0415 - start-up, as boto3 below

        core = get_session()
        core.set_config_variable("sts_regional_endpoints", "regional")
        return core

    @cached_property
    def _session(self) -> Any:
        import boto3  # noqa: PLC0415 - start-up: 190 ms that only who calls AWS pays

        return boto3.Session(botocore_session=self._core, profile_name=self._profile, **self._credentials)


@cache
def _config() -> Any:
    """Short limits, one attempt, and hosts that are those the plan has named, whatever the environment says."""
    from botocore.config import Config  # noqa: PLC0415 - start-up, as boto3

    return Config(
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S,
        retries={"total_max_attempts": 1, "mode": "standard"},
        max_pool_connections=POOL,
        user_agent_extra=f"contact-centre-failover/{__version__}",
        ignore_configured_endpoint_urls=True,
        use_fips_endpoint=False,
        use_dualstack_endpoint=False,
        account_id_endpoint_mode="disabled",
        s3={"us_east_1_regional_endpoint": "regional"},
    )


def _paged(paginator: Any, call: Call, **params: Any) -> Iterator[dict[str, Any]]:
    """The pages. Each is sorted as it is sent; a token that is given twice is found between them, and sorted here."""
    try:
        yield from paginator.paginate(**params)
    except raised_by_aws() as error:
        raise sort_error(error, service=call.service, operation=call.operation, region=call.region) from error


def _refuse(key: Key, **_params: Any) -> NoReturn:
    raise UndeclaredOperation(*key)
