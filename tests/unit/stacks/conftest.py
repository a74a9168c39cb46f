from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from drills.simulator.provision import preview

if TYPE_CHECKING:
    from drills.simulator.provisioners.request import Declared

CONFIG = Path(__file__).parents[3] / "config"
ACCOUNT = "123456789012"
GLOBAL_OUTPUTS = {"regions": {"primary": "us-east-1", "standby": "us-west-2"}, "zone_name": "contact.example"}
GROUP = f"arn:aws:connect:us-east-1:{ACCOUNT}:traffic-distribution-group/"
PREPARED = {
    "instance_id": "11111111-2222-4333-8444-555555555555",
    "traffic_group_arn": f"{GROUP}a",
    "default_traffic_group_arn": f"{GROUP}b",
}


class Previews:
    """What each role would declare, from the configuration that the project ships."""

    def __call__(self, role: str, **overrides: Any) -> tuple[Declared, ...]:
        primary = {"inventory": {"connect": {"instance_id": PREPARED["instance_id"]}}}
        return preview(
            role,
            config_dir=CONFIG,
            account=ACCOUNT,
            outputs={"global": GLOBAL_OUTPUTS, "primary": primary},
            overrides={**(PREPARED if role == "standby" else {}), **overrides},
        )

    def of_type(self, role: str, kind: str, **overrides: Any) -> dict[str, Declared]:
        return {d.name: d for d in self(role, **overrides) if d.type.rpartition(":")[2] == kind}


@pytest.fixture
def previews() -> Previews:
    return Previews()
