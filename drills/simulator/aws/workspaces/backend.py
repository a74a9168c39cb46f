"""One account's WorkSpaces in one Region: the desktops, and the directories that they may belong to.

Law: a directory is the company's own, and is there before any desktop: no operation here makes one. `enrol` says which
are registered with WorkSpaces.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from moto.core.base_backend import BackendDict, BaseBackend

from drills.simulator.aws.connect.buckets import Buckets, Rate

if TYPE_CHECKING:
    from types import ModuleType

    from .desktop import Desktop

Asked = Mapping[str, Any]
Answer = dict[str, Any]

RATE = Rate(2.0, 2)
"""Assumed: AWS publishes no request rate of WorkSpaces, and practice speaks of one to two a second."""


class Backend(BaseBackend):
    """Desktops by id, in the order in which they were made."""

    routes: ClassVar[ModuleType]
    """The module with `url_bases` and `url_paths`; `install` sets it."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.desktops: dict[str, Desktop] = {}
        self.directories: set[str] = set()
        self.buckets = Buckets(RATE, {})

    @property
    def _url_module(self) -> ModuleType:
        # moto derives this module's name from the backend's, which holds for its own packages only.
        return self.routes


backends: Any = BackendDict(Backend, "workspaces")
"""Account → Region → backend."""


def enrol(account: str, region: str, directory_id: str) -> None:
    """Have a directory registered with WorkSpaces, as the company did it long ago."""
    backends[account][region].directories.add(directory_id)


def desktops(account: str, region: str) -> list[Desktop]:
    """All desktops of a Region."""
    return list(backends[account][region].desktops.values())
