"""What customers dial: a number of the contact centre's own, or a line that a Voice Connector group carries.

Laws:
- A number that a traffic distribution group or a lone instance answers is dialled itself.
- Where a Voice Connector group joins the Regions of several instances, customers dial the line's public number, which
  is none of Connect's. The group leads the call to a Region, where it rings the instance's number of the same
  description. That this is how a line is known is modelled: what a company's own trunk rings is no part of AWS.
- The people of such instances are one staff: each has a user of the same name in every instance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drills.simulator.behaviour import Number

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from drills.simulator.behaviour import Carrier, Estate


@dataclass(frozen=True, slots=True)
class Dialled:
    """`name` is stable in seeded streams; `numbers` has one by Region, and one alone where it is dialled itself."""

    name: str
    numbers: Mapping[str, Number]
    carrier: str = ""
    """The id of the Voice Connector group that carries it, or empty."""

    @property
    def region(self) -> str:
        """Where a call counts that is led nowhere."""
        return next(iter(self.numbers))

    def number_in(self, region: str) -> Number | None:
        """The number that rings in a Region: a number that is dialled itself rings wherever its calls are sent."""
        return self.numbers.get(region) if self.carrier else self.numbers[self.region]


def dialled(account: str, estate: Estate) -> list[Dialled]:
    """Everything that customers call, in a stable order."""
    carriers = estate.carriers(account)
    lines: dict[tuple[str, str], dict[str, Number]] = {}
    found: list[Dialled] = []
    for number in estate.numbers(account):
        carrier = _carrier_of(number, carriers)
        if carrier is None:
            found.append(Dialled(number.e164, {number.region: number}))
        else:
            lines.setdefault((number.description, carrier.id), {}).setdefault(number.region, number)
    carried = [Dialled(name, dict(sorted(line.items())), carrier) for (name, carrier), line in sorted(lines.items())]
    return found + carried


def _carrier_of(number: Number, carriers: Iterable[Carrier]) -> Carrier | None:
    """The first group with a connector in the Region of a number that rings at an instance."""
    if not number.description or ":instance/" not in number.rings_at:
        return None
    return next((each for each in carriers if number.region in each.regions), None)


def shares_of(line: Dialled, account: str, estate: Estate) -> Mapping[str, int]:
    """Region → percent of a line's callers; what lacks to 100 is led nowhere."""
    if not line.carrier:
        return estate.telephony_shares(account, line.numbers[line.region].arn)
    carrier = carrier_with(line.carrier, account, estate)
    if carrier is None:
        return {}
    return {region: share for region, share in carrier.shares.items() if region not in carrier.closed}


def carrier_with(carrier_id: str, account: str, estate: Estate) -> Carrier | None:
    """The Voice Connector group with this id, or None where it is gone."""
    return next((each for each in estate.carriers(account) if each.id == carrier_id), None)


@dataclass(frozen=True, slots=True)
class Staff:
    """The instances whose agents are the same people, and the group by which these are sent; alone: one and none."""

    instance_ids: frozenset[str]
    carrier: str = ""


def staffs(account: str, estate: Estate, lines: Sequence[Dialled]) -> list[Staff]:
    """Every instance in one staff, in a stable order.

    Raises:
        NotImplementedError: a Voice Connector group leads to two instances of one Region.
    """
    joined: dict[str, dict[str, str]] = {}
    for line in lines:
        for region, number in line.numbers.items() if line.carrier else ():
            instance_id = number.rings_at.rsplit("/", 1)[-1]
            if joined.setdefault(line.carrier, {}).setdefault(region, instance_id) != instance_id:
                raise NotImplementedError(f"two instances of {region} behind one Voice Connector group: not simulated")
    found = [Staff(frozenset(by_region.values()), carrier) for carrier, by_region in joined.items()]
    busy = {instance_id for staff in found for instance_id in staff.instance_ids}
    alone = {site.instance_id for site in estate.sites(account)} - busy
    return sorted([*found, *(Staff(frozenset({each})) for each in alone)], key=lambda staff: min(staff.instance_ids))
