from __future__ import annotations

import pytest

from orchestrator.cli.arguments import parsed
from orchestrator.cli.ordering import order_of
from orchestrator.cli.plan import COMMANDS
from orchestrator.model.errors import ExitCode, InvalidInput
from orchestrator.model.states import Mode


@pytest.mark.parametrize(
    ("given", "what"),
    [
        (["--simulate", "region-evacuation"], "region-evacuation was taken as the scenario of --simulate"),
        (["--simulate"], "no runbook is named"),
        ([], "no runbook is named"),
    ],
)
def test_a_runbook_that_is_not_named_is_told_with_where_it_went(given: list[str], what: str) -> None:
    with pytest.raises(InvalidInput, match=what) as refused:
        order_of(parsed("plan", COMMANDS["plan"], given), Mode.PLANNED)
    assert refused.value.exit_code == ExitCode.INVALID
    assert refused.value.remedy


def test_a_runbook_before_simulate_is_the_runbook() -> None:
    args = parsed("plan", COMMANDS["plan"], ["region-evacuation", "--simulate", "region-outage"])
    order = order_of(args, Mode.UNPLANNED)
    assert (order.runbook, order.scenario) == ("region-evacuation", "region-outage")
