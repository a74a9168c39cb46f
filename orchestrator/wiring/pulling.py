"""Takes a snapshot from whoever can give one (entry-point group `failover.inventories`), and keeps it.

Laws: a snapshot is whole or not there; each one stays, under its date and digest, when the next is taken; and none is
kept where the primary Region's loss would take it away.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

from orchestrator.model.actions import Call
from orchestrator.model.clock import stamp
from orchestrator.model.errors import InvalidInput
from orchestrator.model.parameters import REGION_WANTED, is_region
from orchestrator.wiring.clouds import NoSnapshot, read_inventory

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from orchestrator.model.actions import Cloud
    from orchestrator.model.inventory import Inventory
    from orchestrator.wiring.clouds import World
    from orchestrator.wiring.home import Home

GROUP: Final = "failover.inventories"
S3: Final = "s3"
_WRITE: Final = "write s3://BUCKET/KEY?region=REGION, with the bucket's own Region"


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a snapshot lies now, and whether it says anything else than the one before (True where there was none)."""

    places: tuple[str, ...]
    changed: bool


@dataclass(frozen=True, slots=True)
class Bucket:
    """A place in S3."""

    name: str
    key: str
    region: str


def pulled(project: Path, *, organization: str, at: datetime, provisional: bool = False) -> Inventory:
    """A new snapshot from the stacks of a project folder; `provisional`: of what is up before the standby is.

    Raises:
        InvalidInput: nobody here can take one, or there is none to be had.
    """
    found = next(iter(entry_points(group=GROUP)), None)
    try:
        take: Callable[..., Inventory] | None = found.load() if found else None
    except ModuleNotFoundError as missing:
        what = f"pulling needs {missing.name}, which is not installed"
        raise InvalidInput(what, remedy="install the extra `stacks`") from missing
    if take is None:
        raise InvalidInput("nothing here can pull an inventory", remedy="install this project anew, with `stacks`")
    return take(project, organization=organization, taken_at=stamp(at), provisional=provisional)


def keep(inventory: Inventory, home: Home) -> Kept:
    """Write the snapshot into the state folder: under its date, and as the one that executions read.

    Raises:
        InvalidInput: the folder cannot be written to, or a provisional snapshot would take the place of a whole one.
    """
    before = _kept(home)
    if inventory.provisional and before is not None and not before.provisional:
        what = f"the snapshot of {before.taken_at} knows the standby, and a provisional one would not"
        raise InvalidInput(what, remedy="pull without --provisional; for another contact centre, give --home")
    changed = before is None or before.digest != inventory.digest
    dated = home.folder / "inventories" / f"{_dated(inventory)}.json"
    for place in (dated, home.inventory):
        _write(place, text_of(inventory))
    return Kept((str(home.inventory), str(dated)), changed)


def _kept(home: Home) -> Inventory | None:
    try:
        return read_inventory(home)
    except NoSnapshot:
        return None


def bucket_of(url: str, inventory: Inventory) -> Bucket:
    """The bucket that a URL means.

    Raises:
        InvalidInput: it is none, or it is in the primary Region.
    """
    parts = urlsplit(url)
    regions = parse_qs(parts.query).get("region", [])
    key = parts.path.strip("/")
    if parts.scheme != S3 or not parts.netloc or not key or len(regions) != 1:
        raise InvalidInput(f"{url} is no place for a snapshot", remedy=_WRITE)
    if not is_region(regions[0]):
        raise InvalidInput(f"{url}: region is {regions[0]!r}, must be {REGION_WANTED}", remedy=_WRITE)
    _refuse_primary(regions[0], inventory)
    return Bucket(parts.netloc, key, regions[0])


def copy_to(bucket: Bucket, inventory: Inventory, world: World) -> str:
    """Put a copy of the snapshot into a bucket, encrypted; its URL.

    Raises:
        InvalidInput: the bucket lies in the primary Region, whatever its URL said.
        CloudError: S3 refuses it.
    """
    calls = (Call("s3", "HeadBucket", bucket.region), Call("s3", "PutObject", bucket.region, write=True))
    _put(world.hands(calls), bucket, inventory)
    return f"s3://{bucket.name}/{bucket.key}"


def text_of(inventory: Inventory) -> str:
    """The snapshot as it is kept."""
    return inventory.model_dump_json(by_alias=True, indent=2) + "\n"


def _put(cloud: Cloud, bucket: Bucket, inventory: Inventory) -> None:
    s3 = cloud.client("s3", bucket.region)
    # Absent where the service does not say; S3 then answers a write to the wrong Region with a refusal of its own.
    _refuse_primary(s3.head_bucket(Bucket=bucket.name).get("BucketRegion", bucket.region), inventory)
    s3.put_object(
        Bucket=bucket.name, Key=bucket.key, Body=text_of(inventory).encode(), ContentType="application/json",
        ServerSideEncryption="aws:kms",
    )  # fmt: skip


def _refuse_primary(region: str, inventory: Inventory) -> None:
    if region == inventory.primary.region:
        what = f"{region} is the primary Region: with it, the snapshot would be gone when it is needed"
        raise InvalidInput(what, remedy=f"keep it in {inventory.standby.region}, or anywhere else")


def _dated(inventory: Inventory) -> str:
    at = re.sub(r"[^0-9TZ]", "", inventory.taken_at.partition(".")[0])
    return f"{at}Z-{inventory.digest[:12]}"


def _write(place: Path, text: str) -> None:
    """Whole or not at all, also when the power fails.

    Raises:
        InvalidInput: the folder cannot be written to.
    """
    beside = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(place)
    except OSError as why:
        with suppress(OSError):
            beside.unlink()
        raise InvalidInput(f"{place} cannot be written: {why.strerror}", remedy="mend that, or give --home") from None
