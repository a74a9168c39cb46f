"""What the journal of a run against a served cloud says of that, and what can be read back from it."""

from __future__ import annotations

_BEGINS, _THEN = "served at ", ": "


def label_of(url: str, simulated: str) -> str:
    """What is simulated, and where it is served."""
    return f"{_BEGINS}{url}{_THEN}{simulated}"


def address_in(label: str) -> str:
    """Where the cloud of a recorded run was served, from what its journal says is simulated; or nothing."""
    before, _, rest = label.partition(_BEGINS)
    url, found, _ = rest.partition(_THEN)
    return url if found and not before else ""
