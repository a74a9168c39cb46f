"""One account's WorkSpaces in one Region: moto's backend, extended.

Laws:
- State lives in moto's own dictionaries, so that what moto answers (terminations, tags, images) is about our desktops.
- A directory is the company's own, and is there before any desktop: moto's operation registers one of moto's Directory
  Service, and `enrol` one that the company keeps elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, cast

from moto.workspaces.models import WorkSpacesBackend, workspaces_backends

from drills.simulator.aws.connect.buckets import Buckets, Rate

from .desktop import Desktop
from .directory import Enrolled

if TYPE_CHECKING:
    from types import ModuleType

Asked = Mapping[str, Any]
Answer = dict[str, Any]

RATE = Rate(2.0, 2)
"""Assumed: AWS publishes no request rate of WorkSpaces, and practice speaks of one to two a second."""

backends: Any = workspaces_backends
"""Account → Region → backend: moto's own."""


class Backend(WorkSpacesBackend):
    """moto's WorkSpaces of one Region, whose WorkSpaces are desktops with states that take their time."""

    routes: ClassVar[ModuleType]
    """The module with `url_bases` and `url_paths`; `install` sets it."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.buckets = Buckets(RATE, {})

    @property
    def _url_module(self) -> ModuleType:
        # moto derives this module's name from the backend's, which holds for its own packages only.
        return self.routes

    def create_workspaces(self, workspaces: list[Answer]) -> tuple[list[Answer], list[Answer]]:
        """As moto; what is made is a desktop."""
        failed, made = super().create_workspaces(workspaces)
        for one in made:
            Desktop.out_of(self.workspaces[one["WorkspaceId"]])
        return failed, made

    def desktop(self, desktop_id: str) -> Desktop:
        """The desktop with this id.

        Raises:
            KeyError: there is none.
        """
        return cast("Desktop", self.workspaces[desktop_id])

    def desktops(self) -> list[Desktop]:
        """All desktops, in the order in which they were made."""
        return cast("list[Desktop]", list(self.workspaces.values()))


def enrol(account: str, region: str, directory_id: str) -> None:
    """Have a directory registered with WorkSpaces, as the company did it long ago; once is enough."""
    known = backends[account][region].workspace_directories
    if directory_id not in known:
        known[directory_id] = Enrolled(account, region, directory_id)


def desktops(account: str, region: str) -> list[Desktop]:
    """All desktops of a Region."""
    return list(backends[account][region].desktops())
