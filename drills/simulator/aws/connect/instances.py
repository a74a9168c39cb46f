"""Instances and their replicas.

Rules and their sources: Administrator Guide, "Create a replica of your existing Amazon Connect instance" (Region pairs,
"Why a ReplicateInstance call fails", same instance id, default traffic distribution group); botocore, ReplicateInstance
and DescribeInstance.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from moto.connect.models import Instance as MotoInstance

from drills.simulator.aws.accounts import is_founded

from .delays import INSTANCE_ACTIVE, REPLICATION
from .errors import InvalidRequestException, ResourceNotFoundException
from .groups import create_default
from .identity import identity, tail
from .mirror import now
from .pages import page
from .state import Site

if TYPE_CHECKING:
    from .backend import Answer, Asked, Backend

PAIRS = frozenset(
    {
        ("us-east-1", "us-west-2"),
        ("us-west-2", "us-east-1"),
        ("eu-west-2", "eu-central-1"),
        ("eu-central-1", "eu-west-2"),
        ("ap-northeast-1", "ap-northeast-3"),
    }
)


@dataclass(frozen=True, slots=True)
class Replication:
    """Which Region copies which; the first copy is complete at `complete_at`, both Regions living."""

    source: str
    replica: str
    complete_at: datetime
    replica_site: Site

    @property
    def status(self) -> str:
        """As in botocore's InstanceReplicationStatus."""
        complete = now() >= self.complete_at and self.replica_site.has_first_copy()
        return "INSTANCE_REPLICATION_COMPLETE" if complete else "INSTANCE_REPLICATION_IN_PROGRESS"


class Instance(MotoInstance):
    """moto's instance, with an id of its own, a creation that takes time, and its replication."""

    def __init__(self, site: Site, asked: Asked, active_at: datetime, replication: Replication | None = None) -> None:
        super().__init__(
            identity_management_type=asked["IdentityManagementType"],
            inbound_calls_enabled=asked["InboundCallsEnabled"],
            outbound_calls_enabled=asked["OutboundCallsEnabled"],
            account_id=site.account,
            region=site.region,
            instance_alias=asked.get("InstanceAlias"),
            tags=dict(asked.get("Tags") or {}),
        )
        self.id, self.arn = site.instance_id, site.instance_arn
        self.instance_access_url = f"https://{self.instance_alias or self.id}.my.connect.aws"
        self.created_time = now()
        self.active_at = active_at
        self.replication = replication

    @property
    def status(self) -> str:
        """`CREATION_IN_PROGRESS`, then `ACTIVE`; a replica becomes active when its first copy is complete."""
        if self.replication and self.replication.replica_site.instance_arn == self.arn:
            return "ACTIVE" if self.replication.status == "INSTANCE_REPLICATION_COMPLETE" else "CREATION_IN_PROGRESS"
        return "ACTIVE" if now() >= self.active_at else "CREATION_IN_PROGRESS"

    def to_dict(self) -> dict[str, Any]:
        """DescribeInstance's `Instance`."""
        return super().to_dict() | {"InstanceStatus": self.status, "CreatedTime": self.created_time}

    def to_summary_dict(self) -> dict[str, Any]:
        """A ListInstances entry."""
        return super().to_summary_dict() | {"InstanceStatus": self.status, "CreatedTime": self.created_time}


def create(backend: Backend, asked: Asked) -> Answer:
    """CreateInstance."""
    return backend.repeats.once("CreateInstance", asked, lambda: _create(backend, asked), InvalidRequestException)


def _create(backend: Backend, asked: Asked) -> Answer:
    alias = asked.get("InstanceAlias") or ""
    _refuse_taken_alias(backend, alias)
    name = alias or asked.get("ClientToken") or str(len(backend.instances))
    instance_id = identity(backend.account_id, backend.region_name, "instance", name)
    site = Site(backend.account_id, instance_id, backend.region_name, backend.number_with)
    # Creation takes the time of a cloud's clock; where there is no cloud, an instance is active at once, as moto's.
    active_at = now() + INSTANCE_ACTIVE if is_founded(backend.account_id) else now()
    instance = Instance(site, asked, active_at)
    backend.sites[instance_id], backend.instances[instance_id] = site, instance
    backend.tag_resource(instance.arn, instance.tags)
    return {"Id": instance.id, "Arn": instance.arn}


def _refuse_taken_alias(backend: Backend, alias: str) -> None:
    for other in backend.everywhere():
        if alias and any(instance.instance_alias == alias for instance in other.instances.values()):
            raise InvalidRequestException(f"The alias {alias} is taken")


def find(backend: Backend, instance_id: str) -> Instance:
    """The instance as this Region has it.

    Raises:
        ResourceNotFoundException: not here.
    """
    found = backend.instances.get(instance_id)
    if not isinstance(found, Instance):
        raise ResourceNotFoundException(f"Instance {instance_id} not found in {backend.region_name}")
    return found


def describe(backend: Backend, asked: Asked) -> Answer:
    """DescribeInstance; `ReplicationConfiguration` is there for a replicated instance only."""
    instance = find(backend, asked["InstanceId"])
    described = instance.to_dict() | {"Tags": backend.list_tags_for_resource(instance.arn)}
    if not instance.replication:
        return {"Instance": described}
    replication = instance.replication
    statuses = [
        {"Region": region, "ReplicationStatus": replication.status}
        for region in (replication.source, replication.replica)
    ]
    configuration = {
        "ReplicationStatusSummaryList": statuses,
        "SourceRegion": replication.source,
        "GlobalSignInEndpoint": f"https://{instance.id}.{replication.source}.sign-in.connect.aws/saml",
    }
    return {"Instance": described, "ReplicationConfiguration": configuration}


def list_all(backend: Backend, asked: Asked) -> Answer:
    """ListInstances: pages of at most 10, oldest first."""
    found = sorted(backend.instances.values(), key=lambda instance: (instance.created_time, instance.id))
    chosen, more = page(found, asked, 10, lambda instance: instance.id, InvalidRequestException)
    return {"InstanceSummaryList": [instance.to_summary_dict() for instance in chosen], **more}


def delete(backend: Backend, asked: Asked) -> Answer:
    """DeleteInstance. One half of a replicated instance is not simulated: AWS Support deletes replicas."""
    return backend.repeats.once("DeleteInstance", asked, lambda: _delete(backend, asked), InvalidRequestException)


def _delete(backend: Backend, asked: Asked) -> Answer:
    if find(backend, asked["InstanceId"]).replication:
        raise NotImplementedError("DeleteInstance of a replicated instance is not simulated")
    backend.delete_instance(asked["InstanceId"])
    del backend.sites[asked["InstanceId"]]
    return {}


def replicate(backend: Backend, asked: Asked) -> Answer:
    """ReplicateInstance: an instance with the same id in the paired Region, and the default traffic group."""
    return backend.repeats.once("ReplicateInstance", asked, lambda: _replicate(backend, asked), InvalidRequestException)


def _replicate(backend: Backend, asked: Asked) -> Answer:
    instance, region = find(backend, tail(asked["InstanceId"])), asked["ReplicaRegion"]
    _refuse_unfit(backend, instance, asked)
    there, source = backend.beside(region), backend.site(instance.id)
    site = Site(backend.account_id, instance.id, region, there.number_with, is_source=False)
    complete_at = now() + REPLICATION
    replication = Replication(backend.region_name, region, complete_at, site)
    settings = {
        "IdentityManagementType": instance.identity_management_type,
        "InboundCallsEnabled": instance.inbound_calls_enabled,
        "OutboundCallsEnabled": instance.outbound_calls_enabled,
        "InstanceAlias": asked["ReplicaAlias"],
    }
    there.sites[instance.id] = site
    there.instances[instance.id] = Instance(site, settings, complete_at, replication)
    instance.replication = replication
    source.join(site, complete_at)
    create_default(backend, source, complete_at)
    return {"Id": site.instance_id, "Arn": site.instance_arn}


def _refuse_unfit(backend: Backend, instance: Instance, asked: Asked) -> None:
    region = asked["ReplicaRegion"]
    if instance.replication:
        raise InvalidRequestException("The instance is replicated already")
    if (backend.region_name, region) not in PAIRS:
        raise InvalidRequestException(f"{backend.region_name} cannot be replicated to {region}")
    if instance.status != "ACTIVE":
        raise InvalidRequestException(f"The instance is {instance.status}, not ACTIVE")
    if instance.identity_management_type != "SAML":
        raise InvalidRequestException("Only an instance with SAML 2.0 sign-in can be replicated")
    if not instance.instance_alias:
        raise InvalidRequestException("The instance has no alias")
    _refuse_taken_alias(backend, asked["ReplicaAlias"])
