from __future__ import annotations

import botocore.session
import pytest

from drills.simulator.aws.connect.operations import OPERATIONS
from drills.simulator.ledger import LEDGER, Mark, mark_of


@pytest.mark.parametrize("service", sorted({service for service, _ in LEDGER}))
def test_every_operation_in_the_ledger_is_one_of_the_service(service: str) -> None:
    model = botocore.session.get_session().get_service_model(service)
    named = {operation for listed, operation in LEDGER if listed == service}
    assert named - set(model.operation_names) == set()


def test_whatever_is_extended_or_live_only_says_its_rules_and_motos_own_only_what_it_merely_stores() -> None:
    for call, entry in LEDGER.items():
        if entry.mark is Mark.MOTO:
            assert entry.rule == "" or entry.rule.startswith("stored: "), call
        else:
            assert entry.rule, call
            assert not entry.rule.startswith("stored: "), call


def test_marks_are_found_by_service_and_operation() -> None:
    assert mark_of("route53", "CreateHealthCheck") is Mark.EXTENDED
    assert mark_of("dynamodb", "GetItem") is Mark.MOTO
    assert mark_of("route53", "TestDNSAnswer") is Mark.LIVE_ONLY
    assert mark_of("connect", "StartChatContact") is None


def test_connect_is_marked_as_extended_exactly_where_it_is() -> None:
    assert {operation for service, operation in LEDGER if service == "connect"} == set(OPERATIONS)
