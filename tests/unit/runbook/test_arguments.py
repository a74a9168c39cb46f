from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from orchestrator.model.errors import InvalidInput
from orchestrator.runbook.arguments import bind_given
from orchestrator.runbook.codes import Code
from orchestrator.runbook.load import load

if TYPE_CHECKING:
    from orchestrator.model.runbook import Runbook


@pytest.fixture(scope="module")
def runbook(sample: str) -> Runbook:
    more = "  speed: {type: percent}\n  quiet: {type: boolean, default: false}\n  note: {type: text, default: none}\n"
    return load(sample.replace("steps:\n", more + "steps:\n", 1), "test.yaml").runbook


def test_values_are_typed_by_the_declarations_and_the_rest_are_defaults(runbook: Runbook) -> None:
    given = {"stages": "20, 100", "hold": "90s", "calls_at_least": "5", "speed": "50", "quiet": "true", "note": "010"}
    assert bind_given(runbook, given) == {
        "from": "primary",
        "to": "standby",
        "stages": [20, 100],
        "hold": "90s",
        "calls_at_least": 5,
        "speed": 50,
        "quiet": True,
        "note": "010",
    }
    assert bind_given(runbook, {"speed": "1", "stages": "[30]", "from": "standby"}) == {
        "from": "standby",
        "to": "standby",
        "stages": [30],
        "hold": "2m",
        "calls_at_least": 20,
        "speed": 1,
        "quiet": False,
        "note": "none",
    }


def test_every_wrong_value_is_told_at_once_with_a_remedy(runbook: Runbook) -> None:
    given = {"stagse": "1", "to": "stanby", "hold": "soon", "calls_at_least": "many", "stages": "10,101", "quiet": "2"}
    with pytest.raises(InvalidInput) as caught:
        bind_given(runbook, given)
    found = {fault.file.removeprefix("--param "): fault for fault in caught.value.faults}
    assert {name: fault.code for name, fault in found.items()} == {
        "stagse": Code.UNKNOWN_PARAMETER,
        "to": Code.WRONG_PARAMETER,
        "hold": Code.WRONG_PARAMETER,
        "calls_at_least": Code.WRONG_PARAMETER,
        "stages": Code.WRONG_PARAMETER,
        "quiet": Code.WRONG_PARAMETER,
        "speed": Code.MISSING_PARAMETER,
    }
    assert 'did you mean "stages"' in found["stagse"].remedy
    assert "must be primary or standby" in found["to"].what
    assert found["to"].remedy == "write --param to=standby"
    assert "from 0 to 100" in found["stages"].what


def test_nothing_is_named_twice_where_a_value_repeats_the_text(runbook: Runbook) -> None:
    with pytest.raises(InvalidInput) as caught:
        bind_given(runbook, {"speed": "fast"})
    (fault,) = caught.value.faults
    assert fault.what.count("fast") == 1


@pytest.mark.parametrize("nothing", ["[]", "", ",", " "])
def test_a_list_without_entries_is_refused_for_its_series_would_do_nothing(runbook: Runbook, nothing: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        bind_given(runbook, {"stages": nothing, "speed": "1"})
    (fault,) = caught.value.faults
    assert (fault.code, fault.remedy) == (Code.WRONG_PARAMETER, "write --param stages=10,50,100")
    assert "stages is empty, must have an entry" in fault.what


def test_an_environment_of_another_name_is_given_as_any_parameter_is(sample: str) -> None:
    text = sample.replace("steps:\n", "  side: {type: environment}\nsteps:\n", 1)
    runbook = load(text, "test.yaml").runbook
    assert bind_given(runbook, {"side": "primary"})["side"] == "primary"
    with pytest.raises(InvalidInput) as caught:
        bind_given(runbook, {})
    (fault,) = caught.value.faults
    assert (fault.code, fault.remedy) == (Code.MISSING_PARAMETER, "write --param side=primary|standby")
