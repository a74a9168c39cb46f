"""Put the simulated WorkSpaces before moto's: by a service of our own name, whose address is matched first."""

from __future__ import annotations

import re
import sys
from types import ModuleType

from moto import backend_index

from . import urls
from .backend import Backend, backends

NAME = "simulatedworkspaces"
_HERE = re.compile(urls.url_bases[0])


def install() -> None:
    """Let every WorkSpaces client under moto meet the simulation. Idempotent."""
    Backend.routes = urls
    found: list[tuple[str, re.Pattern[str]]] = backend_index.backend_url_patterns
    if (NAME, _HERE) in found:
        return
    # moto finds a service's backends in the module of its name.
    module = ModuleType(f"moto.{NAME}", "The simulated WorkSpaces, where moto looks for it.")
    setattr(module, f"{NAME}_backends", backends)
    sys.modules[module.__name__] = module
    found.insert(0, (NAME, _HERE))


def uninstall() -> None:
    """Give the address back to moto's own."""
    if (NAME, _HERE) in backend_index.backend_url_patterns:
        backend_index.backend_url_patterns.remove((NAME, _HERE))
