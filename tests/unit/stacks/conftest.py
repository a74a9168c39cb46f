from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from drills.simulator.provision import preview
from stacks.program import program as declare

if TYPE_CHECKING:
    from drills.simulator.provisioners.hosting import Program
    from drills.simulator.provisioners.request import Declared

CONFIG = Path(__file__).parents[3] / "config"
ACCOUNT = "123456789012"
GLOBAL_OUTPUTS = {
    "regions": {"primary": "us-east-1", "standby": "us-west-2"},
    "zone_name": "contact.example",
    "key_arns": {
        "primary": f"arn:aws:kms:us-east-1:{ACCOUNT}:key/mrk-1",
        "standby": f"arn:aws:kms:us-west-2:{ACCOUNT}:key/mrk-1",
    },
    "evidence_bucket": "evidence",
    "recordings_buckets": {"primary": "recordings-primary", "standby": "recordings-standby"},
}
GROUP = f"arn:aws:connect:us-east-1:{ACCOUNT}:traffic-distribution-group/"
PREPARED = {
    "instance_id": "11111111-2222-4333-8444-555555555555",
    "traffic_group_arn": f"{GROUP}a",
    "default_traffic_group_arn": f"{GROUP}b",
}

INDEPENDENT = {
    **GLOBAL_OUTPUTS,
    "continuity": "independent-instances",
    "telephony": {side: {"voice_connector_id": side, "group_id": "both"} for side in ("primary", "standby")},
}


class Previews:
    """What each role would declare, from a folder of configuration that the project ships."""

    def __init__(
        self, folder: Path = CONFIG, *, neither: dict[str, Any] = GLOBAL_OUTPUTS, standby: dict[str, Any] = PREPARED
    ) -> None:
        self._folder, self._neither, self._standby = folder, neither, standby

    def __call__(self, role: str, *, program: Program = declare, **overrides: Any) -> tuple[Declared, ...]:
        primary = {"inventory": {"connect": {"instance_id": PREPARED["instance_id"]}}}
        return preview(
            role,
            config_dir=self._folder,
            account=ACCOUNT,
            outputs={"global": self._neither, "primary": primary},
            overrides={**(self._standby if role == "standby" else {}), **overrides},
            program=program,
        )

    def of_type(self, role: str, kind: str, **overrides: Any) -> dict[str, Declared]:
        return {d.name: d for d in self(role, **overrides) if d.type.rpartition(":")[2] == kind}


@pytest.fixture
def previews() -> Previews:
    return Previews()


@pytest.fixture(
    params=[pytest.param("500-seats-independent", marks=pytest.mark.nightly), "five-person-desk-independent"]
)
def independent(request: pytest.FixtureRequest) -> Previews:
    """Each size that ships with two instances, without the recovery role, which needs all that other stacks export."""
    unnamed = {"recovery_principals": None}
    return Previews(CONFIG / "examples" / request.param, neither=INDEPENDENT, standby=unnamed)


@pytest.fixture
def disagreeing() -> Previews:
    """A replica's configuration, beside a global stack of independent instances."""
    return Previews(neither=INDEPENDENT)
