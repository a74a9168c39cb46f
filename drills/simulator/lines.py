"""A call under way, and the agent who may take it: what the floor keeps of each. No rules live here."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from drills.simulator.aws.connect.state import Contact


@dataclass(slots=True, eq=False)
class Line:
    """A call under way in one Region. `turn` is what its caller waits for now."""

    contact: Contact
    dead: bool = False
    """The Region died under it."""
    agent: Worker | None = None
    over: asyncio.Event = field(default_factory=asyncio.Event)
    turn: asyncio.Future[None] | None = None

    async def wait(self, seconds: float) -> None:
        """Until the call is answered or lost, but no longer than `seconds`."""
        if not self.dead:
            self.turn = asyncio.get_running_loop().create_future()
            await asyncio.wait((self.turn,), timeout=seconds)
            self.turn = None

    def ring(self) -> None:
        """Tell the caller that something happened."""
        if self.turn is not None and not self.turn.done():
            self.turn.set_result(None)


@dataclass(slots=True, eq=False)
class Worker:
    """One agent's working day. `offer` is set while they wait: for a call, or (None) for news."""

    user_id: str
    """Their id in the instance, or in one of those where they have a user; see `id_in`."""
    name: str
    share: float
    """Their place in the instance's ranking, in percent: shares are counted off from 0 to 100."""
    region: str | None = None
    offer: asyncio.Future[Line | None] | None = None
    ids: Mapping[str, str] = field(default_factory=dict)
    """Their id by Region, where instances differ from Region to Region."""

    def id_in(self, region: str) -> str:
        """Their id in the instance of a Region; whether that knows it is for it to say."""
        return self.ids.get(region, self.user_id)

    def tell(self, line: Line | None) -> None:
        """Hand them a call, or news."""
        if self.offer is not None and not self.offer.done():
            self.offer.set_result(line)
