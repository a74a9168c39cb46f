"""The one name for a JSON value: what settings are compared by, and what the journal stores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

# A precise recursive union makes every read of a nested value a cast, and proves nothing about data from outside;
# shapes are given to it where it enters (parameters, inventory, events), so the alias stays open.
Json: TypeAlias = Any
JsonObject: TypeAlias = Mapping[str, Json]
