"""A simulated cloud as it stood at one moment, kept as bytes: what builds the next equal one in no time.

Laws:
- What is kept is bytes, so nobody can change it: not the cloud it was taken from, nor one that it was restored to.
- It is the whole state: the backends of every service that moto has in use, whichever they are; the files of a folder;
  the time that has passed; and a value that the caller wants back with them. Whoever keeps state of the simulated cloud
  elsewhere than in moto's backends breaks this, and moto's own reset.
- Shared is only what cannot differ: the process's functions and tables of services, and objects that say of themselves
  that their copy is they (keys of cryptography's). What can be neither copied nor shared is refused.
- It is taken, and restored, when nothing is under way: no call, no lock held.
- It belongs to its process, and is never written down.
"""

from __future__ import annotations

import copy
import io
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock, RLock
from types import FunctionType
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from moto.core.base_backend import AccountSpecificBackend, BackendDict, BaseBackend

if TYPE_CHECKING:
    from pathlib import Path

    from drills.simulator.cloud import SimulatedCloud

_NOT_COPIED = (pickle.PicklingError, TypeError, AttributeError)
"""What pickle raises at an object that it cannot copy; its documentation names no others."""


_NEW_LOCK = {type(lock()): (lock, ()) for lock in (Lock, RLock)}


class NotKept(Exception):
    """Something in the state can be neither copied nor shared."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One cloud's state. `places` are moto's service, account and Region of each backend, in the order of the state."""

    places: tuple[tuple[Any, str, str], ...]
    state: bytes = field(repr=False)
    shared: tuple[object, ...] = field(repr=False)
    files: Mapping[str, bytes] = field(repr=False)
    elapsed_s: float

    def restore(self, cloud: SimulatedCloud, folder: Path) -> Any:
        """Put an `untouched` cloud, and a folder, into this state; the value that was kept with it."""
        backends, value = _Reader(self.state, self.shared).load()
        for (service, account, region), backend in zip(self.places, backends, strict=True):
            service[account][region] = backend
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        cloud.clock.advance(self.elapsed_s)
        return value


def take(cloud: SimulatedCloud, folder: Path, value: object) -> Snapshot:
    """The state of a cloud that was `untouched`, of everything in a folder, and a value beside them.

    Raises:
        NotKept: some of it cannot be copied.
    """
    found, written = _backends(), io.BytesIO()
    writer = _Writer(written)
    try:
        writer.dump((list(found.values()), value))
    except _NOT_COPIED as why:
        raise NotKept(str(why)) from why
    return Snapshot(tuple(found), written.getvalue(), tuple(writer.shared), contents(folder), cloud.clock.elapsed_s)


def untouched(cloud: SimulatedCloud) -> bool:
    """Whether nothing has happened yet in an open cloud, nor will by a fault that awaits whoever calls."""
    return not _backends() and not cloud.network.faults and not cloud.clock.elapsed_s


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path in there, in order."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def _backends() -> dict[tuple[Any, str, str], BaseBackend]:
    """Every backend that somebody has used, by service, account and Region."""
    in_use: Any = BackendDict._instances  # type: ignore[misc] # noqa: SLF001 - moto's own list, and it offers no other
    return {
        (service, account, region): backend
        for service in in_use
        for account, region, backend in service.iter_backends()
    }


class _Writer(pickle.Pickler):
    """Copies what is state, and sets aside what is the process's."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, protocol=5)
        self.shared: list[object] = []
        self._known: dict[int, int] = {}

    def persistent_id(self, one: Any) -> int | None:
        """The place of a shared object; None for what is copied."""
        if isinstance(one, AccountSpecificBackend):
            raise pickle.PicklingError("state holds all Regions of a service, and would get others")
        if not _is_shared(one):
            return None
        if id(one) not in self._known:
            self._known[id(one)] = len(self.shared)
            self.shared.append(one)
        return self._known[id(one)]

    def reducer_override(self, one: Any) -> Any:
        """Pickle cannot copy a lock, nor the function in a table of weak references; a new one does as well."""
        if isinstance(one, WeakValueDictionary):
            return one.__class__, (), None, None, iter(list(one.items()))
        return _NEW_LOCK.get(type(one), NotImplemented)


def _is_shared(one: Any) -> bool:
    if isinstance(one, FunctionType):
        return one.__closure__ is None
    if isinstance(one, BackendDict) or type(one) is object:
        return True
    return hasattr(type(one), "__deepcopy__") and not isinstance(one, type) and copy.deepcopy(one) is one


class _Reader(pickle.Unpickler):
    """Reads what a `_Writer` wrote."""

    def __init__(self, state: bytes, shared: tuple[object, ...]) -> None:
        super().__init__(io.BytesIO(state))
        self._shared = shared

    def persistent_load(self, place: int) -> object:
        """A shared object."""
        return self._shared[place]
