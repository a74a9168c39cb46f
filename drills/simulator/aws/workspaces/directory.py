"""A directory that the company keeps outside of AWS and registered with WorkSpaces long ago.

Simulated: an AD Connector in no network. moto registers directories of its own Directory Service only, each in a
virtual network; of the company's nothing is known here but the id that its desktops name.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from moto.workspaces.models import WorkSpaceDirectory

from drills.simulator.aws.connect.mirror import now

if TYPE_CHECKING:
    from moto.ds.models import Directory


class Enrolled(WorkSpaceDirectory):
    """A registered directory as moto's operations show it, and ours look it up."""

    def __init__(self, account: str, region: str, directory_id: str) -> None:
        # moto's own class of it asks EC2 for a security group as soon as it is made.
        company = SimpleNamespace(
            directory_id=directory_id,
            alias=directory_id,
            name=directory_id,
            launch_time=now().replace(tzinfo=None),
            directory_type="ADConnector",
            connect_settings={"SubnetIds": []},
            dns_ip_addrs=[],
        )
        super().__init__(
            account_id=account,
            region=region,
            directory=cast("Directory", company),
            registration_code=f"SIMULATED+{directory_id}",
            security_group_id="",
            subnet_ids=[],
            enable_self_service=False,
            tenancy="",
            tags=[],
        )

    def delete_security_group(self) -> None:
        """There is none: nothing of it is in a network of moto's."""
