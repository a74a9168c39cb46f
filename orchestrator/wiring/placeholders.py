"""An inventory that exists nowhere: every text in it is its own path, `${standby.connect.instance_id}`.

Whatever is computed from it shows which of the inventory's values went in. Regions alone must be spelt as Regions:
those of `SIDES` are of no cloud. A name that nobody reads by itself (`values(to.topics)`) is `*`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, Final

from orchestrator.model import shapes
from orchestrator.model.inventory import Inventory, types

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from orchestrator.model.values import Json

Path = tuple[str, ...]

SIDES: Final = {"pp-north-1": "primary", "ss-north-1": "standby"}
"""The Region of each side."""
UNNAMED = "*"
_PLACEHOLDER = re.compile(r"\$\{([a-z][\w-]*(?:\.[\w-]+)+)\}")


def inventory(read: Collection[Path]) -> Inventory:
    """With an entry for each name chosen by the stacks that a path of `read` goes through (`topics`, `incident`)."""
    shape = types()
    parts = {part: _value(shape[part], (part,), read) for part in ("global", "primary", "standby")}
    return Inventory.model_validate({"taken_at": "never", "continuity": "global-resiliency", **parts})


def read_in(value: Any) -> Iterator[str]:
    """The paths whose values went into `value`, however deep: parameters, mappings, lists and text."""
    if isinstance(value, str):
        yield from _PLACEHOLDER.findall(value)
    elif is_dataclass(value):
        for field in fields(value):
            yield from read_in(getattr(value, field.name))
    elif isinstance(value, Mapping | list | tuple):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from read_in(each)


def _value(shape: shapes.Shape, path: Path, read: Collection[Path]) -> Json:
    match shape:
        case shapes.Record(fields=members):
            return {key: _value(member, (*path, key), read) for key, member in members.items()}
        case shapes.Members(member=member):
            names = sorted({one[len(path)] for one in read if one[: len(path)] == path and len(one) > len(path)})
            return {name: _value(member, (*path, name), read) for name in names or [UNNAMED]}
        case shapes.ListOf(member=member):
            return [_value(member, (*path, UNNAMED), read)]
        case shapes.Scalar(kind="number"):
            return 1
        case shapes.Scalar(kind="boolean"):
            return True
    return _text(path)


def _text(path: Path) -> str:
    if path[-1] == "role":
        return path[0]
    if path[-1] == "region" or path[-2:-1] == ("run_table_regions",):
        return next(region for region, side in SIDES.items() if path[0] in (side, "global"))
    return f"${{{'.'.join(path)}}}"
