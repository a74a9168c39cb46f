"""How long the service takes. All of these are modelled: AWS publishes none of them."""

from __future__ import annotations

from datetime import timedelta

INSTANCE_ACTIVE = timedelta(seconds=30)
REPLICATION = timedelta(minutes=5)
GROUP_ACTIVE = timedelta(minutes=1)
NUMBER_SETTLED = timedelta(seconds=15)
