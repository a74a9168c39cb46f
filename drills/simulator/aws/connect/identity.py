"""Identifiers that come from what a thing is, never from when it was made.

Pulumi registers resources from threads, in an order that differs from run to run; equal stacks must still give equal
ids.
"""

from __future__ import annotations

import uuid

_NAMESPACE = uuid.UUID("a4b9cf0e-5f5c-5d0f-9f3b-3d1f4a5e7c60")


def identity(*facts: str) -> str:
    """The UUID of the thing with these facts."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(facts)))


def region_of(arn: str) -> str:
    """The Region that an ARN names, or an empty string for what is no ARN."""
    parts = arn.split(":")
    return parts[3] if len(parts) > 5 and parts[0] == "arn" else ""


def tail(id_or_arn: str) -> str:
    """The id at the end of an ARN, or the id itself."""
    return id_or_arn.rsplit("/", 1)[-1]
