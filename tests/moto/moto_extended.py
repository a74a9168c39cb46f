"""pytest plugin: runs moto's tests with our extension in place, by the installer that drills use.

With `MOTO_AMEND` set, requests of the tests that `intended.yaml` amends are made such as AWS takes; a test's own
expectations stay as they are.
"""

from __future__ import annotations

import copy
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from botocore.client import BaseClient
from moto.backends import ALT_SERVICE_NAMES
from moto.core.base_backend import BackendDict

from drills.simulator.aws.install import install

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

INTENDED = Path(__file__).with_name("intended.yaml")

_send = BaseClient._make_api_call
_of_test: dict[str, str] = {}
_under_way = ""
_references: set[str] = set()


def extended() -> dict[str, str]:
    """Service → name of moto's package for it, of every service that has a backend of ours in this process."""
    kept = (value for module in list(sys.modules.values()) if module for value in list(vars(module).values()))
    ours = {v.service_name for v in kept if isinstance(v, BackendDict) and v.backend.__module__.startswith("drills.")}
    return {service: ALT_SERVICE_NAMES.get(service, service) for service in ours}


def pytest_configure() -> None:
    install()
    if os.environ.get("MOTO_AMEND"):
        entries = yaml.safe_load(INTENDED.read_text())
        _of_test.update({test: entry["amend"] for entry in entries if "amend" in entry for test in entry["tests"]})
        BaseClient._make_api_call = _amended


def pytest_runtest_setup(item: pytest.Item) -> None:
    global _under_way  # noqa: PLW0603 - pytest says so here what runs, and botocore asks elsewhere
    _under_way = item.nodeid
    _references.clear()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A comparison with a moto that somebody put back would show nothing."""
    if not extended():
        session.exitstatus = 3


def _amended(client: BaseClient, operation: str, asked: dict[str, Any]) -> Any:
    amend = AMENDMENTS[_of_test[_under_way]] if _under_way in _of_test else None
    if amend is not None:
        asked = copy.deepcopy(asked)
        amend(client, operation, asked)
    return _send(client, operation, asked)


def _caller_reference(_: BaseClient, operation: str, asked: dict[str, Any]) -> None:
    """A caller reference of its own for each zone: the first one that asks by it keeps it."""
    if operation == "CreateHostedZone":
        if asked["CallerReference"] in _references:
            asked["CallerReference"] += f"-{len(_references)}"
        _references.add(asked["CallerReference"])


def _whole_records(client: BaseClient, operation: str, asked: dict[str, Any]) -> None:
    """TTL and values where there is no alias, an identifier where there is a policy, a health check for a primary."""
    if operation != "ChangeResourceRecordSets":
        return
    for change in asked["ChangeBatch"]["Changes"]:
        record_set = change["ResourceRecordSet"]
        if "AliasTarget" not in record_set:
            record_set.setdefault("TTL", 60)
            record_set.setdefault("ResourceRecords", [{"Value": "www.example.com"}])
        if record_set.keys() & {"Failover", "GeoLocation", "MultiValueAnswer", "Region", "Weight"}:
            record_set.setdefault("SetIdentifier", "amended")
        if record_set.get("Failover") == "PRIMARY":
            settings = {"Type": "TCP", "IPAddress": "192.0.2.1", "Port": 443}
            made = _send(client, "CreateHealthCheck", {"CallerReference": "amended", "HealthCheckConfig": settings})
            record_set.setdefault("HealthCheckId", made["HealthCheck"]["Id"])


AMENDMENTS: dict[str, Callable[[BaseClient, str, dict[str, Any]], None]] = {
    "a caller reference of its own": _caller_reference,
    "whole record sets": _whole_records,
}
