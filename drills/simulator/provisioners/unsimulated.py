"""What the stacks may declare, by an option, and no simulated cloud has: a preview takes it, building refuses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.model.errors import NotSimulated

if TYPE_CHECKING:
    from drills.simulator.provisioners.request import Builder, Built, Request


def unsimulated(what: str) -> Builder:
    """A builder that refuses, and says what has no rules here."""

    def refuse(request: Request) -> Built:
        raise NotSimulated("pulumi", f"{what} ({request.declared.type})")

    return refuse


ROUTING_CONTROLS = unsimulated("ARC routing controls")
CONNECTION_ALIAS = unsimulated("sign-in to desktops by a connection alias")
