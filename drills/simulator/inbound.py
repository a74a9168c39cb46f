"""A request that came over HTTP, led to the same choke point that every client in this process passes.

Laws: who is asked follows from the signature's scope (signing name, Region), what is asked from botocore's models, as
moto's own routing reads them; errors are said in the service's own protocol; what nobody has rules for is HTTP 501.
"""

from __future__ import annotations

import hashlib
import json
import re
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import moto.core.models
from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError, UnknownServiceError
from moto.core.parse import PROTOCOL_PARSERS, RequestParserError
from moto.core.request import Request as WireRequest
from moto.core.request import determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from werkzeug.exceptions import NotFound

from drills.simulator.outage import Blow
from drills.simulator.wire import outcome, read, said
from orchestrator.cloud.regions import client_region, endpoint, services
from orchestrator.model.actions import Call
from orchestrator.model.errors import NotSimulated

if TYPE_CHECKING:
    from moto.core.model import OperationModel

GLOBAL = "global"
"""The Region of endpoints that belong to none."""
_SCOPE = re.compile(r"Credential=[^/]+/\d{8}/(?P<region>[^/]+)/(?P<name>[^/]+)/aws4_request")
_SIGNED_AS = {
    "appstream": ("appstream",),
    "chime": ("chime-sdk-voice",),
    "cloudcontrolapi": ("cloudcontrol",),
    "connect-campaigns": ("connectcampaignsv2", "connectcampaigns"),
    "elasticloadbalancing": ("elbv2",),
    "lex": ("lexv2-models", "lexv2-runtime"),
    "monitoring": ("cloudwatch",),
    "servicequotas": ("service-quotas",),
    "ses": ("sesv2", "ses"),
    "sso": ("sso-admin",),
    "states": ("stepfunctions",),
}
"""Signing name → services as boto3 spells them, where the two differ."""
_TOKENS = ("CallerReference",)
"""Members that make a request repeatable, though no trait of the model says so (Route 53, CloudFront)."""
NOT_SIMULATED = "NotSimulated"
_HOME = "us-east-1"


@dataclass(frozen=True, slots=True)
class Inbound:
    """A request as it came, and the Region whose endpoint took it (or `global`). `target` is path and query."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    port: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Told:
    """What the call log keeps of a request: who was asked what, with which parameters, and what became of it."""

    region: str
    service: str = ""
    operation: str = ""
    digest: str = ""
    write: bool = False
    token: str = ""
    outcome: str = ""
    reply: Reply | None = field(default=None, repr=False)
    """None where the client hears nothing: the connection is dropped."""


def carried(inbound: Inbound) -> Told:
    """Lead one request through the simulated network, and tell what became of it. Blocks, and may pause."""
    scope = _SCOPE.search(inbound.headers.get("authorization", ""))
    if scope is None:
        reply = _plain(403, "MissingAuthenticationToken", "sign the request, with any key: nothing is verified")
        return Told(inbound.port, outcome="MissingAuthenticationToken", reply=reply)
    told = Told(scope["region"])
    found = _operation(scope["name"], inbound)
    if isinstance(found, str):
        told.service, told.outcome = found, "not-simulated"
        told.reply = _plain(501, NOT_SIMULATED, f"nobody has simulated this request to {found}: {inbound.method}")
        return told
    told.service, operation, labels = found
    told.operation = operation.name
    host = _host(told.service, told.region)
    wire = _wire(inbound, host)
    told.write = read(_event(told), wire).write
    told.digest, told.token = _parameters(told.service, operation, inbound, labels)
    place = port_of(told.service, told.region)
    if place != inbound.port:
        told.outcome = "InvalidSignatureException"
        words = f"Credential should be scoped to a valid region: this endpoint is the simulated {inbound.port}, and"
        words += f" {told.service} signed for {told.region} is answered by that of {place} (see /identity)"
        told.reply = _spoken(told, inbound, "InvalidSignatureException", words, 403)
        return told
    _deliver(told, inbound, wire)
    return told


def port_of(service: str, region: str) -> str:
    """The Region whose endpoint answers for a service, or `global`: control planes that live in one place for all."""
    home = client_region(service, "")
    if home:
        return GLOBAL if home == _HOME else home
    return GLOBAL if region == "aws-global" else region


def _deliver(told: Told, inbound: Inbound, wire: AWSPreparedRequest) -> None:
    stubber: Any = moto.core.models.botocore_stubber
    try:
        response = stubber(_event(told), wire)
        told.outcome = outcome(response)
        headers = {str(name): str(value) for name, value in response.headers.items()}
        told.reply = Reply(response.status_code, headers, response.raw.getvalue())
    except NotSimulated as why:
        told.outcome = "not-simulated"
        told.reply = _spoken(told, inbound, NOT_SIMULATED, f"{why.what}: it has no rules here", 501)
    except EndpointConnectionError:
        told.outcome = str(Blow.REFUSED)
    except ConnectTimeoutError:
        told.outcome = str(Blow.BLACK_HOLE)
    except ReadTimeoutError:
        told.outcome = str(Blow.REPLY_LOST)
    except Exception as error:  # noqa: BLE001 - whatever breaks in a service's rules is that service's 500, and is told
        traceback.print_exc()
        told.outcome = "InternalFailure"
        words = f"a fault of the simulator: {type(error).__name__}"
        told.reply = _spoken(told, inbound, "InternalFailure", words, 500)


def _event(told: Told) -> str:
    return f"before-send.{told.service}.{told.operation}"


def _operation(name: str, inbound: Inbound) -> tuple[str, OperationModel, dict[str, Any]] | str:
    """Service, operation and URI parameters; or, where nobody has such an operation, what was asked for."""
    for service in _SIGNED_AS.get(name, (name,)):
        try:
            request = _request(inbound, f"{service}.{_HOME}.amazonaws.com")
            operation, labels = get_service_router(service).match(request)
        except (UnknownServiceError, NotFound, NotImplementedError):
            continue
        return service, operation, labels
    return _SIGNED_AS.get(name, (name,))[0]


def _request(inbound: Inbound, host: str) -> WireRequest:
    return WireRequest.from_primitives(
        inbound.method, f"https://{host}{inbound.target}", dict(inbound.headers), inbound.body
    )


def _wire(inbound: Inbound, host: str) -> AWSPreparedRequest:
    headers = HTTPHeaders()
    for name, value in inbound.headers.items():
        headers[name] = host if name == "host" else value
    return AWSPreparedRequest(
        inbound.method, f"https://{host}{inbound.target}", headers, inbound.body, stream_output=False
    )


def _host(service: str, region: str) -> str:
    """The host that a client of AWS would have called: moto and the network's faults go by it."""
    if service in services():
        return endpoint(Call(service, "", region)).host
    prefix = get_service_model(service).endpoint_prefix
    return f"{prefix}.{region}.amazonaws.com"


def _parameters(service: str, operation: OperationModel, inbound: Inbound, labels: dict[str, Any]) -> tuple[str, str]:
    """SHA-256 of the parameters without the idempotency token, and that token. Unreadable ones are taken as bytes."""
    request = _request(inbound, f"{service}.{_HOME}.amazonaws.com")
    model = get_service_model(service)
    wanted: Any = {
        "method": request.method, "values": request.values, "headers": request.headers, "body": inbound.body,
        "url_path": request.path, "url_params": labels,
    }  # fmt: skip
    try:
        parser = PROTOCOL_PARSERS[determine_request_protocol(model, request.content_type)]
        params = dict(parser(operation).parse(wanted))
    except (RequestParserError, ValueError):
        return hashlib.sha256(inbound.target.encode() + b"\n" + inbound.body).hexdigest(), ""
    names = [*operation.idempotent_members, *_TOKENS]
    token = next((str(params[name]) for name in names if params.get(name)), "")
    for name in operation.idempotent_members:
        params.pop(name, None)
    canonical = json.dumps(params, sort_keys=True, default=repr)
    return hashlib.sha256(canonical.encode()).hexdigest(), token


def _spoken(told: Told, inbound: Inbound, code: str, words: str, status: int) -> Reply:
    """An error in the service's own protocol."""
    spoken = said(told.service, told.operation, inbound.headers.get("content-type", ""), code, words)
    return Reply(status, {str(k): str(v) for k, v in spoken["headers"].items()}, _bytes(spoken["body"]))


def _plain(status: int, code: str, words: str) -> Reply:
    """An error to somebody of whom it is not known what they speak."""
    body = json.dumps({"__type": code, "message": words}).encode()
    return Reply(status, {"Content-Type": "application/x-amz-json-1.1", "x-amzn-errortype": code}, body)


def _bytes(body: str | bytes) -> bytes:
    return body.encode() if isinstance(body, str) else body
