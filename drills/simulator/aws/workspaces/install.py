"""Put the simulated WorkSpaces in moto's place."""

from __future__ import annotations

from moto.workspaces.models import workspaces_backends

from . import urls
from .backend import Backend


def install() -> None:
    """Let every WorkSpaces client under moto meet the simulation. Idempotent.

    Raises:
        RuntimeError: moto's own WorkSpaces has been used already in this mock; its backends would live on beside ours.
    """
    for account in workspaces_backends.values():
        if any(not isinstance(backend, Backend) for backend in account.values()):
            raise RuntimeError("install the simulated WorkSpaces before the first WorkSpaces call of a mock")
    Backend.routes = urls
    workspaces_backends.backend = Backend
