"""The simulated operations: what performs each, and which parameters it heeds; any other is refused aloud.

Rules and their sources: botocore's WorkSpaces model (25 per request, the states and running modes that a start and a
stop ask for, one filter at a time, 60-minute steps); API Reference, "FailedWorkspaceChangeRequest": what fails for one
desktop is told inside the 200, and holds up no other. AWS documents no list of those codes: ours are named after the
errors of the operations that fail as a whole. The Administration Guide puts no limit on how often a running mode is
switched ("at any time").
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moto.moto_api._internal import mock_random

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
FILTERS = ("WorkspaceIds", "DirectoryId", "BundleId")
MAY_BE_SWITCHED = frozenset({AUTO_STOP, ALWAYS_ON})


@dataclass(frozen=True, slots=True)
class Operation:
    """A simulated operation and the parameters that it heeds."""

    perform: Callable[[Backend, Asked], Answer]
    heeds: frozenset[str]


def create(backend: Backend, asked: Asked) -> Answer:
    """CreateWorkspaces: what can be made is PENDING, what cannot is told for each."""
    pending, failed = [], []
    for wanted in _few(asked["Workspaces"], "Workspaces"):
        if code := _unmakeable(backend, wanted):
            failed.append({"WorkspaceRequest": wanted, "ErrorCode": code[0], "ErrorMessage": code[1]})
        else:
            pending.append(_shown(_made(backend, wanted)))
    return {"PendingRequests": pending, "FailedRequests": failed}


def _unmakeable(backend: Backend, wanted: Asked) -> tuple[str, str] | None:
    if wanted["DirectoryId"] not in backend.directories:
        return "ResourceNotFound.Directory", "The specified directory could not be found in the specified region."
    owners = {(desktop.directory_id, desktop.user_name.lower()) for desktop in backend.desktops.values()}
    if (wanted["DirectoryId"], wanted["UserName"].lower()) in owners:
        return "ResourceExists.WorkSpace", f"User {wanted['UserName']} has a WorkSpace in this directory."
    return None


def _made(backend: Backend, wanted: Asked) -> Desktop:
    mode, minutes = _mode_of(wanted.get("WorkspaceProperties") or {}, ALWAYS_ON, 0)
    desktop = Desktop(
        id=f"ws-{mock_random.get_random_hex(9)}",
        directory_id=wanted["DirectoryId"],
        user_name=wanted["UserName"],
        bundle_id=wanted["BundleId"],
        running_mode=mode,
        auto_stop_min=minutes,
        tags=tuple(wanted.get("Tags") or ()),
    )
    desktop.make(long_ago=is_provisioning())
    backend.desktops[desktop.id] = desktop
    return desktop


def _mode_of(properties: Asked, mode: str, minutes: int) -> tuple[str, int]:
    """The running mode and AutoStop time that properties ask for, from those there are."""
    unknown = set(properties) - {"RunningMode", "RunningModeAutoStopTimeoutInMinutes"}
    if unknown:
        raise NotImplementedError(f"WorkspaceProperties.{min(unknown)} is not simulated")
    mode = properties.get("RunningMode") or mode
    if mode == MANUAL:
        raise InvalidParameterValuesException("The running mode MANUAL is for WorkSpaces Core only")
    given = properties.get("RunningModeAutoStopTimeoutInMinutes")
    if given is not None and (mode != AUTO_STOP or given < HOUR_MIN or given % HOUR_MIN):
        raise InvalidParameterValuesException(f"An AutoStop time goes with AUTO_STOP, in steps of {HOUR_MIN} minutes")
    return (mode, given or minutes or HOUR_MIN) if mode == AUTO_STOP else (mode, 0)


def describe(backend: Backend, asked: Asked) -> Answer:
    """DescribeWorkspaces: by one filter at most, in pages of 25; unknown ids are left out."""
    given = [name for name in FILTERS if asked.get(name)]
    if len(given) > 1 or (asked.get("UserName") and given != ["DirectoryId"]):
        raise InvalidParameterValuesException("Only one filter may be given; UserName goes with DirectoryId")
    found = [desktop for desktop in backend.desktops.values() if _matches(desktop, asked)]
    size = {"MaxResults": asked.get("Limit"), "NextToken": asked.get("NextToken")}
    chosen, more = page(found, size, PER_REQUEST, lambda desktop: desktop.id, InvalidParameterValuesException)
    return {"Workspaces": [_shown(desktop) for desktop in chosen], **more}


def _matches(desktop: Desktop, asked: Asked) -> bool:
    ids = _few(asked["WorkspaceIds"], "WorkspaceIds") if asked.get("WorkspaceIds") else None
    return (
        (ids is None or desktop.id in ids)
        and asked.get("DirectoryId") in (None, desktop.directory_id)
        and asked.get("BundleId") in (None, desktop.bundle_id)
        and asked.get("UserName", desktop.user_name).lower() == desktop.user_name.lower()
    )


def _shown(desktop: Desktop) -> Answer:
    properties: dict[str, Any] = {"RunningMode": desktop.running_mode}
    if desktop.auto_stop_min:
        properties["RunningModeAutoStopTimeoutInMinutes"] = desktop.auto_stop_min
    return {
        "WorkspaceId": desktop.id,
        "DirectoryId": desktop.directory_id,
        "UserName": desktop.user_name,
        "BundleId": desktop.bundle_id,
        "State": desktop.state,
        "WorkspaceProperties": properties,
        "ModificationStates": [],
    }


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
    desktop = backend.desktops.get(asked["WorkspaceId"])
    if desktop is None:
        raise ResourceNotFoundException("The WorkSpace could not be found.", asked["WorkspaceId"])
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
        yield request["WorkspaceId"], backend.desktops.get(request["WorkspaceId"])


def _few(members: Sequence[Any], name: str) -> Sequence[Any]:
    if not 1 <= len(members) <= PER_REQUEST:
        raise ValidationException(
            f"1 validation error detected: Value at '{name}' failed to satisfy constraint: Member must have length "
            f"less than or equal to {PER_REQUEST}"
        )
    return members


OPERATIONS: dict[str, Operation] = {
    "CreateWorkspaces": Operation(create, frozenset({"Workspaces"})),
    "DescribeWorkspaces": Operation(describe, frozenset({*FILTERS, "UserName", "Limit", "NextToken"})),
    "ModifyWorkspaceProperties": Operation(modify, frozenset({"WorkspaceId", "WorkspaceProperties"})),
    "StartWorkspaces": Operation(start, frozenset({"StartWorkspaceRequests"})),
    "StopWorkspaces": Operation(stop, frozenset({"StopWorkspaceRequests"})),
}
