"""A simulated cloud in a process of its own, on free ports, and what a client of it needs."""

from __future__ import annotations

import json
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import boto3
import pytest
from botocore.config import Config

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WITHIN_S = 180.0
SPEED = 60


class Cloud:
    """The served cloud, as somebody with an HTTP client and boto3 sees it."""

    def __init__(self, process: subprocess.Popen[str], identity: dict[str, Any]) -> None:
        self.process, self.identity = process, identity
        self.url: str = identity["control"]
        self._opener = build_opener(ProxyHandler({}))

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, str]:
        """Status and text."""
        data = json.dumps(body).encode() if body is not None else None
        request = Request(self.url + path, data, headers, method=method)  # noqa: S310 - our own loopback
        try:
            with self._opener.open(request, timeout=WITHIN_S) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as refused:
            with refused:
                return refused.code, refused.read().decode()

    def told(self, path: str) -> Any:
        """JSON of the control port."""
        status, text = self.ask("GET", path)
        assert status == 200, text
        return json.loads(text)

    def calls(self, operation: str = "") -> list[dict[str, Any]]:
        """The call log."""
        lines = [json.loads(line) for line in self.ask("GET", "/calls")[1].splitlines()]
        return [line for line in lines if operation in ("", line["operation"])]

    def client(self, service: str, region: str, port: str = "", attempts: int = 1) -> Any:
        """boto3's own client, at the port of a Region."""
        session = boto3.Session(aws_access_key_id="ANY", aws_secret_access_key="any", region_name=region)  # noqa: S106
        config = Config(
            connect_timeout=3, read_timeout=30, retries={"total_max_attempts": attempts, "mode": "standard"}
        )
        return session.client(service, endpoint_url=self.identity["endpoints"][port or region], config=config)

    def until(self, holds: Callable[[], Any]) -> Any:
        """Wait for something that the server will say; the deadline is for a server that never does."""
        deadline_s = time.monotonic() + WITHIN_S
        while not (found := holds()):
            assert time.monotonic() < deadline_s, "it never came"
            self.told("/identity")
        return found


@contextmanager
def serving(centre: Any, *arguments: str, port: int = 0) -> Iterator[Cloud]:
    """Start a server, and end it as a person would. Port 0 takes free ones."""
    with subprocess.Popen(  # noqa: S603 - our own command
        centre.command("simulate", "serve", *arguments, "--port", str(port), "--json"), cwd=centre.folder,
        env=centre.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        assert first, process.stderr.read()
        try:
            yield Cloud(process, json.loads(first))
        finally:
            if process.poll() is None:
                process.terminate()
            _, said = process.communicate(timeout=WITHIN_S)
            assert said == ""


@pytest.fixture
def served() -> Callable[..., Any]:
    """Starts a server of one's own: `with served(centre, "--speed", "60") as cloud`."""
    return serving


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory, new_centre: Any) -> Iterator[Cloud]:
    """A good day, a minute a second."""
    with serving(new_centre(tmp_path_factory.mktemp("served")), "--speed", str(SPEED)) as up:
        yield up


@pytest.fixture
def whole(cloud: Cloud) -> Iterator[Cloud]:
    """The same, and nothing is lost in it, before nor after."""
    for region in cloud.told("/outages")["lost"]:
        cloud.ask("DELETE", f"/outages/{region}")
    yield cloud
    for region in cloud.told("/outages")["lost"]:
        cloud.ask("DELETE", f"/outages/{region}")


@pytest.fixture
def group(cloud: Cloud) -> str:
    """The ARN of the traffic distribution group."""
    return str(cloud.told("/inventory")["primary"]["connect"]["traffic_group_arn"])
