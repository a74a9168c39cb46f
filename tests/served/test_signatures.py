"""Who is asked follows from the signature: the table of signing names agrees with botocore's models."""

from __future__ import annotations

import pytest
from botocore.session import get_session

from drills.simulator.inbound import _SIGNED_AS, port_of
from drills.simulator.ledger import LEDGER
from orchestrator.cloud.regions import services

LOADER = get_session().get_component("data_loader")


def signing_name(service: str) -> str:
    told = LOADER.load_service_model(service, "service-2")["metadata"]
    return str(told.get("signingName") or told["endpointPrefix"])


@pytest.mark.parametrize("service", sorted({service for service, _ in LEDGER}))
def test_every_service_with_rules_is_found_by_its_signing_name(service: str) -> None:
    assert service in _SIGNED_AS.get(signing_name(service), (signing_name(service),))


@pytest.mark.parametrize("name", sorted(_SIGNED_AS))
def test_what_the_table_says_is_what_botocore_signs(name: str) -> None:
    assert {signing_name(service) for service in _SIGNED_AS[name]} == {name}


def test_control_planes_for_all_regions_have_a_port_of_their_own_and_others_their_homes() -> None:
    assert {service for service in services() if port_of(service, "eu-west-2") == "global"} >= {"iam", "route53"}
    assert port_of("globalaccelerator", "eu-west-2") == "us-west-2"
    assert port_of("connect", "eu-west-2") == "eu-west-2"
    assert port_of("sts", "aws-global") == "global"
