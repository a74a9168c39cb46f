"""Reads requests off the wire, and writes what the network itself answers: botocore's forms, no service's rules."""

from __future__ import annotations

import hashlib
import re
import warnings
from functools import cache
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

import botocore.session
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.utils import EVENT_ALIASES
from moto.core.botocore_stubber import MockRawResponse
from moto.core.exceptions import ServiceException
from moto.core.request import determine_request_protocol
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model

from drills.simulator.outage import Request
from orchestrator.cloud.regions import services

_REGION = re.compile(r"\b[a-z]{2}(?:-[a-z]+)+-\d\b")
_SCOPE = re.compile(r"Credential=[^/]+/\d{8}/([^/]+)/")
_READS = ("AssumeRole", "BatchGet", "Describe", "Get", "Head", "List", "Query", "Scan", "Search", "Test", "TransactGet")
_CODE = re.compile(rb'<Code>([^<]+)|"__type"\s*:\s*"(?:[^"#]*#)?([^"]+)"')
_THROTTLES = ("ThrottlingException", "ThrottledException", "TooManyRequestsException", "ThrottledClientException")


def home_of(host: str) -> str:
    """The Region that an endpoint lives in: the one in its name; names without one (IAM, Route 53…) are us-east-1's.

    Source: AWS Fault Isolation Boundaries, "Global services", and the endpoint names of botocore.
    """
    match = _REGION.search(host)
    return match.group() if match else "us-east-1"


class _Said(ServiceException):
    """Not moto's own class: where those live, moto looks for a service's model."""


@cache
def _service_name(event_id: str) -> str:
    """The name that boto3 knows a service by, from the one in botocore's event names (`route-53` → `route53`)."""
    known = set(botocore.session.get_session().get_component("data_loader").list_available_services("service-2"))
    if event_id in known:
        return event_id
    aliased = (name for name, alias in EVENT_ALIASES.items() if alias == event_id and name in known)
    # Services that are younger than botocore's table of aliases stand in none: there the model says it.
    modelled = (name for name in services() if get_service_model(name).service_id.hyphenize() == event_id)
    return next(chain(aliased, modelled), event_id)


def _bytes_of(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes | bytearray):
        return bytes(body)
    content: bytes = body.read()
    body.seek(0)
    return content


def _text(header: str | bytes) -> str:
    return header.decode() if isinstance(header, bytes) else header


def read(event_name: str, request: AWSPreparedRequest) -> Request:
    """What a prepared and signed request asks of whom; `event_name` is botocore's `before-send.SERVICE.OPERATION`."""
    _, event_id, operation = event_name.split(".", 2)
    address = urlsplit(request.url)
    authorization = request.headers.get("Authorization", "")
    scope = _SCOPE.search(_text(authorization))
    home = home_of(address.netloc)
    asked = f"{operation}@{address.netloc} {request.method} {address.path}?{address.query}\n"
    return Request(
        service=_service_name(event_id),
        operation=operation,
        region=scope.group(1) if scope else home,
        host=address.netloc,
        home=home,
        digest=hashlib.sha256(asked.encode() + _bytes_of(request.body)).hexdigest(),
        write=not operation.startswith(_READS),
    )


def throttled(request: Request, content_type: str | bytes) -> AWSResponse:
    """The service's own way to say that calls come too fast, in the protocol that the client speaks."""
    model = get_service_model(request.service)
    operation = model.operation_model(request.operation)
    protocol = determine_request_protocol(model, _text(content_type))
    modelled = {shape.name for shape in operation.error_shapes}
    spoken = "Throttling" if protocol in {"query", "ec2", "rest-xml"} else _THROTTLES[0]
    code = next((name for name in _THROTTLES if name in modelled), spoken)
    reply = said(request.service, request.operation, content_type, code, "Rate exceeded")
    return AWSResponse(
        f"https://{request.host}/", reply["status_code"], reply["headers"], MockRawResponse(reply["body"])
    )


def said(service: str, operation: str, content_type: str | bytes, code: str, words: str) -> Any:
    """An error as the service would say it: `status_code`, `headers` and `body`, in the protocol of the client."""
    model = get_service_model(service)
    protocol = determine_request_protocol(model, _text(content_type))
    serializer = get_serializer_class(model.service_name, protocol)(model.operation_model(operation))
    with warnings.catch_warnings(action="ignore"):  # moto misses the codes that no model names, and writes them
        return serializer.serialize(_Said(code, words))


def outcome(response: AWSResponse) -> str:
    """`ok`, or the service's error code."""
    if response.status_code < 400:
        return "ok"
    named = response.headers.get("x-amzn-errortype")
    if named:
        return str(named).partition(":")[0]
    content = response.raw.getvalue()
    match = _CODE.search(content)
    return next(group for group in match.groups() if group).decode() if match else f"http-{response.status_code}"
