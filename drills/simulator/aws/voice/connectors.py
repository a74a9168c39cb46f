"""Voice Connectors and where they send inbound calls.

Rules and their sources: botocore's model (names of 1 to 256 letters, digits and ` _.-`; `AwsRegion` one of ten,
us-east-1 by default; `Routes` or `Disabled` must be given, up to 20 routes of priority and weight 1 to 100, port 5060
by default; encryption-enabled connectors use TCP by default). Modelled: no origination is NotFoundException.
"""

from __future__ import annotations

import re
from typing import Any

from drills.simulator.aws.connect.mirror import now

from .backend import Answer, Asked, Backend, refuse_unless_alive
from .errors import BadRequestException, NotFoundException
from .state import VoiceConnector

NAME = re.compile(r"[a-zA-Z0-9 _.-]{1,256}")
DEFAULT_REGION = "us-east-1"
DEFAULT_PORT = 5060
ROUTES_MOST = 20
WEIGHTS = range(1, 101)
PROTOCOLS = ("TCP", "UDP")


def named(asked: Asked) -> str:
    """The name asked for.

    Raises:
        BadRequestException: it is none.
    """
    if not NAME.fullmatch(asked["Name"]):
        raise BadRequestException(f"Name {asked['Name']!r} does not match {NAME.pattern}")
    return str(asked["Name"])


def create(backend: Backend, asked: Asked) -> Answer:
    """CreateVoiceConnector: in the Region that is asked for, whichever endpoint is called."""
    home = backend.beside(asked.get("AwsRegion") or DEFAULT_REGION)
    refuse_unless_alive(home.region_name, "A new Voice Connector")
    name = named(asked)
    connector_id = home.new_id("vc", name, home.connectors)
    connector = VoiceConnector(
        id=connector_id,
        arn=f"arn:aws:chime:{home.region_name}:{home.account_id}:vc/{connector_id}",
        name=name,
        home=home.region_name,
        require_encryption=asked["RequireEncryption"],
        made_at=now(),
    )
    home.connectors[connector_id] = connector
    return {"VoiceConnector": _described(connector)}


def get(backend: Backend, asked: Asked) -> Answer:
    """GetVoiceConnector."""
    return {"VoiceConnector": _described(backend.connector(asked["VoiceConnectorId"]))}


def _described(connector: VoiceConnector) -> Answer:
    return {
        "VoiceConnectorId": connector.id,
        "VoiceConnectorArn": connector.arn,
        "AwsRegion": connector.home,
        "Name": connector.name,
        "OutboundHostName": f"{connector.id}.voiceconnector.chime.aws",
        "RequireEncryption": connector.require_encryption,
        "CreatedTimestamp": connector.made_at,
        "UpdatedTimestamp": connector.made_at,
    }


def put_origination(backend: Backend, asked: Asked) -> Answer:
    """PutVoiceConnectorOrigination: the whole of it is replaced."""
    connector, given = backend.connector(asked["VoiceConnectorId"]), asked["Origination"]
    refuse_unless_alive(connector.home, f"Voice Connector {connector.id}")
    if given.get("Routes") is None and given.get("Disabled") is None:
        raise BadRequestException("Origination needs Routes or Disabled")
    routes = given.get("Routes") or []
    if len(routes) > ROUTES_MOST:
        raise BadRequestException(f"Routes must be {ROUTES_MOST} at most, not {len(routes)}")
    connector.origination = {
        "Routes": [_route(connector, route) for route in routes],
        "Disabled": given.get("Disabled", False),
    }
    return {"Origination": connector.origination}


def _route(connector: VoiceConnector, given: Asked) -> dict[str, Any]:
    route = {
        "Host": given.get("Host") or "",
        "Port": given.get("Port", DEFAULT_PORT),
        "Protocol": given.get("Protocol") or ("TCP" if connector.require_encryption else None),
        "Priority": given.get("Priority"),
        "Weight": given.get("Weight"),
    }
    if None in route.values():
        raise NotImplementedError("an origination route whose priority, weight or protocol AWS chooses")
    if not route["Host"] or route["Protocol"] not in PROTOCOLS or not 0 <= route["Port"] <= 65535:
        raise BadRequestException(f"No calls can be sent to {route['Protocol']} {route['Host']}:{route['Port']}")
    if route["Priority"] not in WEIGHTS or route["Weight"] not in WEIGHTS:
        raise BadRequestException("Priority and Weight must be between 1 and 100")
    return route


def get_origination(backend: Backend, asked: Asked) -> Answer:
    """GetVoiceConnectorOrigination."""
    connector = backend.connector(asked["VoiceConnectorId"])
    if connector.origination is None:
        raise NotFoundException(f"Voice Connector {connector.id} has no origination")
    return {"Origination": connector.origination}
