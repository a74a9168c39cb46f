"""Make moto answer for a service that it does not have."""

from __future__ import annotations

import re
import sys
from types import ModuleType

from moto import backend_index

from . import urls
from .backend import SERVICE, Backend, backends

_PACKAGE = SERVICE.replace("-", "")


def install() -> None:
    """Let every Chime SDK Voice client under moto meet the simulation. Idempotent."""
    Backend.routes = urls
    # moto finds a service's backends by the name of a package of its own, and has no registry.
    package = ModuleType(f"moto.{_PACKAGE}", __doc__)
    vars(package)[f"{_PACKAGE}_backends"] = backends
    sys.modules.setdefault(package.__name__, package)
    if all(service != SERVICE for service, _ in backend_index.backend_url_patterns):
        # First, for the patterns of other services are greedy.
        backend_index.backend_url_patterns.insert(0, (SERVICE, re.compile(urls.url_bases[0])))
