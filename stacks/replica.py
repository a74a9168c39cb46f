"""The standby's side of the instance under Global Resiliency: nothing is declared, for AWS mirrors it from primary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi

from stacks.references import same_instance

if TYPE_CHECKING:
    from stacks.settings import ReplicaSettings


class Replica:
    """What `prepare-standby` made and recorded, as far as the primary's stack confirms it."""

    def __init__(
        self, settings: ReplicaSettings, *, account: pulumi.Output[str], primary: pulumi.Output[dict[str, Any]]
    ) -> None:
        self.instance_id: pulumi.Input[str] = settings.instance_id
        self._settings, self._account, self._primary = settings, account, primary

    def described(self) -> dict[str, Any]:
        """The Connect part of the inventory, without what `exports.compose` derives from the primary's."""
        settings = self._settings
        return {
            "instance_id": self._primary.apply(lambda theirs: same_instance(settings, theirs)),
            "instance_arn": pulumi.Output.format(
                "arn:aws:connect:{0}:{1}:instance/{2}", settings.region, self._account, settings.instance_id
            ),
            "traffic_group_arn": settings.traffic_group_arn,
            "default_traffic_group_arn": settings.default_traffic_group_arn,
        }
