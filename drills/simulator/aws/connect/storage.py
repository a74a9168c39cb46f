"""Where an instance puts recordings and transcripts: this Region's side only, for AWS does not mirror it.

Rules and their sources: botocore, AssociateInstanceStorageConfig ("Associates a storage resource type for the first
time"; it makes nothing that does not exist; ResourceConflictException), ListInstanceStorageConfigs (pages of at most
10). Stored only: no recording is simulated, and the bucket and key are not looked up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import InvalidParameterException, ResourceConflictException
from .identity import identity
from .pages import page

if TYPE_CHECKING:
    from .backend import Answer, Asked, Backend

CONFIGURATION = {
    "S3": "S3Config",
    "KINESIS_STREAM": "KinesisStreamConfig",
    "KINESIS_FIREHOSE": "KinesisFirehoseConfig",
    "KINESIS_VIDEO_STREAM": "KinesisVideoStreamConfig",
}
TAKES = {
    "CALL_RECORDINGS": {"S3"},
    "CHAT_TRANSCRIPTS": {"S3"},
    "CONTACT_TRACE_RECORDS": {"KINESIS_STREAM", "KINESIS_FIREHOSE"},
}
"""Resource type → where it may go (Administrator Guide, "Set up data storage" and "Enable data streaming")."""


def associate(backend: Backend, asked: Asked) -> Answer:
    """AssociateInstanceStorageConfig."""
    return backend.repeats.once(
        "AssociateInstanceStorageConfig", asked, lambda: _associate(backend, asked), ResourceConflictException
    )


def _associate(backend: Backend, asked: Asked) -> Answer:
    site, resource_type, config = backend.site(asked["InstanceId"]), asked["ResourceType"], asked["StorageConfig"]
    if resource_type not in TAKES:
        raise NotImplementedError(f"AssociateInstanceStorageConfig of {resource_type} is not simulated")
    storage_type = config["StorageType"]
    if storage_type not in TAKES[resource_type]:
        raise InvalidParameterException(f"{resource_type} cannot go to {storage_type}")
    if {name for name in CONFIGURATION.values() if config.get(name)} != {CONFIGURATION[storage_type]}:
        raise InvalidParameterException(f"{storage_type} needs a {CONFIGURATION[storage_type]}, and no other")
    if resource_type in site.storage:
        raise ResourceConflictException(f"{resource_type} of {site.instance_id} is stored already")
    association = identity(site.account, site.region, site.instance_id, "storage", resource_type)
    site.storage[resource_type] = {**config, "AssociationId": association}
    return {"AssociationId": association}


def list_all(backend: Backend, asked: Asked) -> Answer:
    """ListInstanceStorageConfigs of one resource type."""
    found = backend.site(asked["InstanceId"]).storage.get(asked["ResourceType"])
    chosen, more = page([found] if found else [], asked, 10, lambda each: str(each["AssociationId"]))
    return {"StorageConfigs": list(chosen), **more}
