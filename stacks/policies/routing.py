"""Rules of the front door: names that are flipped are flipped soon, and only by who holds a lever."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.policies.graph import Graph, Resource

TTL_S_MAX: Final = 60

_RECORD = "aws:route53/record:Record"


def lives_a_minute(resource: Resource, _graph: Graph) -> Iterator[str]:
    """A record with a routing policy, hence a set identifier, has a TTL and it is 60 s at most.

    An alias has none of its own: it lives as long as its target's, which Route 53 decides.
    """
    if resource.type != _RECORD or not resource.states("setIdentifier") or resource.states("aliases"):
        return
    ttl_s = resource.known("ttl")
    if ttl_s is None or ttl_s > TTL_S_MAX:
        lives = "the TTL of whoever answers" if ttl_s is None else f"{ttl_s} s"
        yield f"{resource.name}: resolvers keep the old answer for {lives}, {TTL_S_MAX} s are allowed"


def is_checked(resource: Resource, _graph: Graph) -> Iterator[str]:
    """A failover record, PRIMARY or SECONDARY, names a health check."""
    if resource.type != _RECORD or not resource.states("failoverRoutingPolicies"):
        return
    if not resource.states("healthCheckId"):
        yield f"{resource.name}: without a health check Route 53 takes it for healthy, whatever happens"
