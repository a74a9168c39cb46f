"""One account's Connect in one Region: moto's backend, extended, and the rules by which it finds things.

Laws:
- State lives in moto's backends, so that moto's reset, accounts and Regions hold for it.
- What another Region owns is found by full ARN only, and only where a traffic distribution group links the two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from moto.connect.models import ConnectBackend, connect_backends

from .buckets import Buckets
from .errors import DuplicateResourceException, ResourceNotFoundException
from .identity import identity, region_of, tail
from .repeats import Repeats
from .resources import Resource

if TYPE_CHECKING:
    from types import ModuleType

    from .state import Site
    from .telephony import PhoneNumber, TrafficGroup

Asked = Mapping[str, Any]
Answer = dict[str, Any]
R = TypeVar("R", bound=Resource)


class Backend(ConnectBackend):
    """moto's Connect backend with sites, numbers, groups, buckets and client tokens beside its instances."""

    routes: ClassVar[ModuleType]
    """The module with `url_bases` and `url_paths`; `install` sets it."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.sites: dict[str, Site] = {}
        self.numbers: dict[str, PhoneNumber] = {}
        self.groups: dict[str, TrafficGroup] = {}
        self.buckets = Buckets()
        self.repeats = Repeats()

    @property
    def _url_module(self) -> ModuleType:
        # moto derives this module's name from the backend's, which holds for its own packages only.
        return self.routes

    def arn(self, segment: str, resource_id: str) -> str:
        """The ARN of an account-level resource of this Region."""
        return f"arn:aws:connect:{self.region_name}:{self.account_id}:{segment}/{resource_id}"

    def everywhere(self) -> Iterator[Backend]:
        """This account's backends, one for each Region in use."""
        return backends(self.account_id)

    def beside(self, region: str) -> Backend:
        """This account's backend in another Region.

        Raises:
            ResourceNotFoundException: no such Region.
        """
        if region not in connect_backends[self.account_id]:
            raise ResourceNotFoundException(f"There is no Amazon Connect in {region}")
        other = connect_backends[self.account_id][region]
        if not isinstance(other, Backend):
            raise TypeError("the simulated Connect was installed after moto's own was used")
        return other

    # Finding things.

    def site(self, instance_id: str) -> Site:
        """This Region's side of an instance.

        Raises:
            ResourceNotFoundException: no such instance here.
        """
        if instance_id not in self.sites:
            raise ResourceNotFoundException(f"Instance {instance_id} not found in {self.region_name}")
        return self.sites[instance_id]

    def resource(self, site: Site, kind: type[R], resource_id: str) -> R:
        """A configured thing of an instance.

        Raises:
            ResourceNotFoundException: this Region does not know it (yet).
        """
        found = site.find(kind, resource_id)
        if found is None:
            raise ResourceNotFoundException(f"{kind.__name__} {resource_id} not found in {self.region_name}")
        return found

    def new_id(self, site: Site, kind: type[Resource], name: str) -> str:
        """The id of a thing about to be made.

        Raises:
            DuplicateResourceException: its name is taken.
        """
        if site.named(kind, name):
            raise DuplicateResourceException(f"A {kind.__name__} named {name} already exists")
        return identity(self.account_id, self.region_name, site.instance_id, kind.segment, name)

    def group(self, id_or_arn: str) -> TrafficGroup:
        """A traffic distribution group, by id in its own Region, by ARN in either (botocore: `Id`).

        Raises:
            ResourceNotFoundException: unknown, or asked for by bare id from the replica's Region.
        """
        home = region_of(id_or_arn) or self.region_name
        found = self.beside(home).groups.get(tail(id_or_arn))
        if found is None or self.region_name not in found.regions:
            raise ResourceNotFoundException(f"Traffic distribution group {id_or_arn} not found in {self.region_name}")
        return found

    def number(self, id_or_arn: str) -> PhoneNumber:
        """A number, by id or ARN in its own Region, by ARN in the other if a group joins them (botocore).

        Raises:
            ResourceNotFoundException: unknown here.
        """
        home = region_of(id_or_arn) or self.region_name
        found = self.beside(home).numbers.get(tail(id_or_arn))
        if found is None or not self._reaches(found):
            raise ResourceNotFoundException(f"Phone number {id_or_arn} not found in {self.region_name}")
        return found

    def number_with(self, arn: str) -> PhoneNumber | None:
        """The number with this ARN, whichever Region owns it, or None."""
        return next((n for other in self.everywhere() for n in other.numbers.values() if n.arn == arn), None)

    def _reaches(self, number: PhoneNumber) -> bool:
        if number.region == self.region_name:
            return True
        group = self.beside(number.region).groups.get(tail(number.target_arn))
        return group is not None and self.region_name in group.regions


def backends(account: str) -> Iterator[Backend]:
    """An account's backends, one for each Region in use."""
    for backend in list(connect_backends[account].values()):
        if isinstance(backend, Backend):
            yield backend
