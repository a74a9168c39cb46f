"""pytest plugin: runs moto's tests with our extension in place, by the installer that drills use.

With `MOTO_FOUNDED` set, the account of moto's tests is one that a simulated cloud founded: AWS's stricter rules hold,
but for request rates, which would judge how fast this machine is.
With `MOTO_AMEND` set, requests of the tests that `intended.yaml` amends are made such as AWS takes; a test's own
expectations stay as they are.
"""

from __future__ import annotations

import copy
import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import moto
import yaml
from botocore.client import BaseClient
from moto.backends import ALT_SERVICE_NAMES
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.base_backend import BackendDict

from drills.simulator.aws.accounts import founded
from drills.simulator.aws.connect.buckets import Buckets
from drills.simulator.aws.install import install

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

INTENDED = Path(__file__).with_name("intended.yaml")

_send = BaseClient._make_api_call
_of_test: dict[str, str] = {}
_under_way = ""
_users: set[str] = set()


def extended() -> dict[str, str]:
    """Service → name of moto's package for it, of every service that has a backend of ours in this process.

    The name is empty where moto has no such service: it is wholly ours, and there is nothing to compare it with.
    """
    kept = (value for module in list(sys.modules.values()) if module for value in list(vars(module).values()))
    ours = {v.service_name for v in kept if isinstance(v, BackendDict) and v.backend.__module__.startswith("drills.")}
    return {service: _package(ALT_SERVICE_NAMES.get(service, service)) for service in ours}


def _package(name: str) -> str:
    return name if (Path(moto.__file__).parent / name).is_dir() else ""


def pytest_configure(config: pytest.Config) -> None:
    install()
    if os.environ.get("MOTO_FOUNDED"):
        cloud = ExitStack()
        cloud.enter_context(founded(DEFAULT_ACCOUNT_ID))
        cloud.enter_context(patch.object(Buckets, "take", lambda *_: True))
        config.add_cleanup(cloud.close)
    if os.environ.get("MOTO_AMEND"):
        entries = yaml.safe_load(INTENDED.read_text())
        _of_test.update({test: entry["amend"] for entry in entries if "amend" in entry for test in entry["tests"]})
        BaseClient._make_api_call = _amended


def pytest_runtest_setup(item: pytest.Item) -> None:
    global _under_way  # noqa: PLW0603 - pytest says so here what runs, and botocore asks elsewhere
    _under_way = item.nodeid
    _users.clear()


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


def _own_user(_: BaseClient, operation: str, asked: dict[str, Any]) -> None:
    """A user of its own for each desktop: the first one that asks for a user gets it."""
    if operation == "CreateWorkspaces":
        for wanted in asked["Workspaces"]:
            if wanted["UserName"] in _users:
                wanted["UserName"] += f"-{len(_users)}"
            _users.add(wanted["UserName"])


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
    "a user of its own": _own_user,
    "whole record sets": _whole_records,
}
