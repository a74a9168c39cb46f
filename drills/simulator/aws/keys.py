"""KMS's replicas of multi-Region keys with aliases and grants of their own, put into moto from outside.

Rule and source: KMS Developer Guide, "Multi-Region keys": key material, id and rotation are shared; aliases, grants and
policies are each Region's own. moto's replica shares the first two with its source, so that an alias is taken twice.
Modelled: a replica is Enabled at once, and keeps the policy that its source had; policies are enforced nowhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.kms import models

if TYPE_CHECKING:
    from moto.kms.models import Key


class Backend(models.KmsBackend):
    """moto's KMS of one Region."""

    @property
    def _url_module(self) -> Any:
        # moto finds a backend's URLs beside its class, and ours lives elsewhere.
        from moto.kms import urls  # noqa: PLC0415 - imports moto's responses, which import the models

        return urls

    def replicate_key(self, key_id: str, replica_region: str) -> Key:
        """ReplicateKey."""
        replica = super().replicate_key(key_id, replica_region)
        replica.aliases, replica.grants = {}, {}
        if replica.multi_region:
            # The list of replicas stays one for all of them; which kind a key is does not.
            replica.multi_region_configuration = {
                **replica.multi_region_configuration,
                "MultiRegionKeyType": "REPLICA",
            }
        return replica


def install() -> None:
    """Put our backend in moto's place. Idempotent; moto's state of this service should be empty."""
    models.kms_backends.backend = Backend
