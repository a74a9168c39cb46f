"""The simulated operations: what performs each, and which parameters it heeds; any other one is refused aloud.

Rules and their sources: botocore's WorkSpaces model (25 per request, the states and running modes that a start and a
stop ask for, one filter at a time, 60-minute steps); API Reference, "FailedWorkspaceChangeRequest": what fails for one
desktop is told inside the 200, and holds up no other. AWS documents no list of those codes: ours are named after the
errors of the operations that fail as a whole. The Administration Guide puts no limit on how often a running mode is
switched ("at any time"). That a user has one desktop in a directory is assumed, from practice.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drills.simulator.aws.connect.buckets import is_provisioning
from drills.simulator.aws.connect.pages import page

from .backend import Answer, Asked, Backend
from .desktop import (
    ALWAYS_ON,
    AUTO_STOP,
    HOUR_MIN,
    MANUAL,
    MAY_BE_STOPPED,
    PENDING,
    STARTING,
    STOPPED,
    STOPPING,
    Desktop,
)
from .errors import (
    InvalidParameterValuesException,
    InvalidResourceStateException,
    ResourceNotFoundException,
    ValidationException,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PER_REQUEST = 25
DIRECTORY_ID = re.compile(r"d-[0-9a-f]{10}")
"""As moto wants it. botocore's DirectoryId allows longer ones, which Directory Service does not make."""
FILTERS = ("WorkspaceIds", "DirectoryId", "BundleId")


@dataclass(frozen=True, slots=True)
class Operation:
    """A simulated operation and the parameters that it heeds."""

    perform: Callable[[Backend, Asked], Answer]
    heeds: frozenset[str]
    motos_elsewhere: bool = False
    """Whether moto has it too, and answers where no simulated cloud founded the account."""


def create(backend: Backend, asked: Asked) -> Answer:
    """CreateWorkspaces: what can be made is PENDING, what cannot is told for each."""
    pending, failed = [], []
    for wanted in _few(asked["Workspaces"], "Workspaces"):
        _refuse_malformed(wanted)
    for wanted in asked["Workspaces"]:
        refused, made = _owned(backend, wanted) or backend.create_workspaces([dict(wanted)])
        failed += refused
        pending += [_begun(backend, one["WorkspaceId"]) for one in made]
    return {"PendingRequests": pending, "FailedRequests": failed}


def _refuse_malformed(wanted: Asked) -> None:
    if not DIRECTORY_ID.fullmatch(wanted["DirectoryId"]):
        raise ValidationException(f"The Directory ID {wanted['DirectoryId']} in the request is invalid.")
    properties = wanted.get("WorkspaceProperties") or {}
    if properties.get("RunningMode") == AUTO_STOP:
        _refuse_odd_time(AUTO_STOP, properties.get("RunningModeAutoStopTimeoutInMinutes"))


def _owned(backend: Backend, wanted: Asked) -> tuple[list[Answer], list[Answer]] | None:
    owners = {(desktop.directory_id, desktop.user_name.lower()) for desktop in backend.desktops()}
    if (wanted["DirectoryId"], wanted["UserName"].lower()) not in owners:
        return None
    message = f"User {wanted['UserName']} has a WorkSpace in this directory."
    return [{"WorkspaceRequest": wanted, "ErrorCode": "ResourceExists.WorkSpace", "ErrorMessage": message}], []


def _begun(backend: Backend, desktop_id: str) -> Answer:
    desktop = backend.desktop(desktop_id)
    if desktop.running_mode == AUTO_STOP:
        desktop.set_auto_stop(desktop.auto_stop_min or HOUR_MIN)
    desktop.make(long_ago=is_provisioning())
    return desktop.to_dict_pending()


def _mode_of(properties: Asked, mode: str, minutes: int) -> tuple[str, int]:
    """The running mode and AutoStop time that properties ask for, from those there are."""
    unknown = set(properties) - {"RunningMode", "RunningModeAutoStopTimeoutInMinutes"}
    if unknown:
        raise NotImplementedError(f"WorkspaceProperties.{min(unknown)} is not simulated")
    mode = properties.get("RunningMode") or mode
    if mode == MANUAL:
        raise InvalidParameterValuesException("The running mode MANUAL is for WorkSpaces Core only")
    given = properties.get("RunningModeAutoStopTimeoutInMinutes")
    _refuse_odd_time(mode, given)
    return (mode, given or minutes or HOUR_MIN) if mode == AUTO_STOP else (mode, 0)


def _refuse_odd_time(mode: str, given: int | None) -> None:
    if given is not None and (mode != AUTO_STOP or given < HOUR_MIN or given % HOUR_MIN):
        raise InvalidParameterValuesException(f"An AutoStop time goes with AUTO_STOP, in steps of {HOUR_MIN} minutes")


def describe(backend: Backend, asked: Asked) -> Answer:
    """DescribeWorkspaces: by one filter at most, in pages of 25; unknown ids are left out."""
    given = [name for name in FILTERS if asked.get(name)]
    if len(given) > 1 or (asked.get("UserName") and given != ["DirectoryId"]):
        raise InvalidParameterValuesException("Only one filter may be given; UserName goes with DirectoryId")
    found = [desktop for desktop in backend.desktops() if _matches(desktop, asked)]
    size = {"MaxResults": asked.get("Limit"), "NextToken": asked.get("NextToken")}
    chosen, more = page(found, size, PER_REQUEST, lambda desktop: desktop.id, InvalidParameterValuesException)
    return {"Workspaces": [desktop.to_dict_pending() for desktop in chosen], **more}


def _matches(desktop: Desktop, asked: Asked) -> bool:
    ids = _few(asked["WorkspaceIds"], "WorkspaceIds") if asked.get("WorkspaceIds") else None
    return (
        (ids is None or desktop.id in ids)
        and asked.get("DirectoryId") in (None, desktop.directory_id)
        and asked.get("BundleId") in (None, desktop.bundle_id)
        and asked.get("UserName", desktop.user_name).lower() == desktop.user_name.lower()
    )


def start(backend: Backend, asked: Asked) -> Answer:
    """StartWorkspaces: AutoStop or Manual, and STOPPED."""
    failed = []
    for desktop_id, desktop in _each(backend, asked["StartWorkspaceRequests"], "StartWorkspaceRequests"):
        if desktop is None:
            failed.append(_failed(desktop_id, *_UNKNOWN))
        elif desktop.running_mode == ALWAYS_ON:
            failed.append(_failed(desktop_id, *_ALWAYS_ON))
        elif desktop.state != STOPPED:
            failed.append(_failed(desktop_id, *_in_state(desktop)))
        else:
            desktop.start()
    return {"FailedRequests": failed}


def stop(backend: Backend, asked: Asked) -> Answer:
    """StopWorkspaces: AutoStop or Manual, and AVAILABLE, IMPAIRED, UNHEALTHY or ERROR."""
    failed = []
    for desktop_id, desktop in _each(backend, asked["StopWorkspaceRequests"], "StopWorkspaceRequests"):
        if desktop is None:
            failed.append(_failed(desktop_id, *_UNKNOWN))
        elif desktop.running_mode == ALWAYS_ON:
            failed.append(_failed(desktop_id, *_ALWAYS_ON))
        elif desktop.state not in MAY_BE_STOPPED:
            failed.append(_failed(desktop_id, *_in_state(desktop)))
        else:
            desktop.stop()
    return {"FailedRequests": failed}


def modify(backend: Backend, asked: Asked) -> Answer:
    """ModifyWorkspaceProperties, of the running mode.

    Modelled: refused while a desktop is being made, started or stopped; a stopped one stays stopped in either mode.
    """
    if asked["WorkspaceId"] not in backend.workspaces:
        raise ResourceNotFoundException("The WorkSpace could not be found.", asked["WorkspaceId"])
    desktop = backend.desktop(asked["WorkspaceId"])
    if not asked.get("WorkspaceProperties"):
        raise InvalidParameterValuesException("No property to modify was given")
    mode, minutes = _mode_of(asked["WorkspaceProperties"], desktop.running_mode, desktop.auto_stop_min)
    if desktop.state in (PENDING, STARTING, STOPPING):
        raise InvalidResourceStateException(f"The WorkSpace is {desktop.state}.")
    desktop.keep(mode, minutes)
    return {}


_UNKNOWN = ("ResourceNotFound.WorkSpace", "The specified WorkSpace could not be found.")
_ALWAYS_ON = ("OperationNotSupported", "The running mode of the WorkSpace is ALWAYS_ON.")


def _in_state(desktop: Desktop) -> tuple[str, str]:
    return "InvalidResourceState", f"The WorkSpace is {desktop.state}."


def _failed(desktop_id: str, code: str, message: str) -> Answer:
    return {"WorkspaceId": desktop_id, "ErrorCode": code, "ErrorMessage": message}


def _each(backend: Backend, requests: Sequence[Asked], name: str) -> Iterator[tuple[str, Desktop | None]]:
    for request in _few(requests, name):
        desktop_id = request["WorkspaceId"]
        yield desktop_id, backend.desktop(desktop_id) if desktop_id in backend.workspaces else None


def _few(members: Sequence[Any], name: str) -> Sequence[Any]:
    if not 1 <= len(members) <= PER_REQUEST:
        raise ValidationException(
            f"1 validation error detected: Value at '{name}' failed to satisfy constraint: Member must have length "
            f"less than or equal to {PER_REQUEST}"
        )
    return members


OPERATIONS: dict[str, Operation] = {
    "CreateWorkspaces": Operation(create, frozenset({"Workspaces"}), motos_elsewhere=True),
    "DescribeWorkspaces": Operation(
        describe, frozenset({*FILTERS, "UserName", "Limit", "NextToken"}), motos_elsewhere=True
    ),
    "ModifyWorkspaceProperties": Operation(modify, frozenset({"WorkspaceId", "WorkspaceProperties"})),
    "StartWorkspaces": Operation(start, frozenset({"StartWorkspaceRequests"})),
    "StopWorkspaces": Operation(stop, frozenset({"StopWorkspaceRequests"})),
}
