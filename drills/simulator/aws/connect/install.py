"""Put the simulated Connect in moto's place."""

from __future__ import annotations

from moto.connect.models import connect_backends

from . import urls
from .backend import Backend


def install() -> None:
    """Let every Connect client under moto meet the simulation. Idempotent.

    Raises:
        RuntimeError: moto's own Connect has been used already in this mock; its backends would live on beside ours.
    """
    for account in connect_backends.values():
        if any(not isinstance(backend, Backend) for backend in account.values()):
            raise RuntimeError("install the simulated Connect before the first Connect call of a mock")
    Backend.routes = urls
    # botocore's endpoint list lacks Osaka for Connect, which is there as Tokyo's replica.
    connect_backends._additional_regions = ["ap-northeast-3"]  # noqa: SLF001 - moto has no public way to say so
    connect_backends.backend = Backend
