"""What is refused before anything runs: what needs a Region that is gone (law 4), and orders that mean nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from wiring_world import ASKS, START, RealOnPaper, inventory_of

from drills.simulator.clock import VirtualClock
from orchestrator.actions.catalogue import Catalogue
from orchestrator.model.errors import InvalidInput, Refused
from orchestrator.model.states import Mode
from orchestrator.wiring.orders import Order, check, prepare

if TYPE_CHECKING:
    from wiring_world import Centre

RUNBOOKS = Path(__file__).parents[3] / "runbooks"
HERE = 'with: {region: "${to.region}"}'


def test_unplanned_checks_the_region_left_whatever_else_is_named_as_lost(centre: Centre) -> None:
    centre.write("asks", ASKS.replace(HERE, 'with: {region: "${from.region}"}'))
    for lost in ("", "us-east-1", "us-west-2"):
        with pytest.raises(Refused, match=r"asks needs us-east-1, which is lost"):
            centre.prepared(Mode.UNPLANNED, lost=lost)
    assert centre.prepared(Mode.PLANNED, lost="us-west-2").lost == "us-west-2"


def test_unplanned_checks_the_region_named_as_lost_too(centre: Centre) -> None:
    with pytest.raises(Refused, match="asks needs us-west-2, which is lost"):
        centre.prepared(Mode.UNPLANNED, lost="us-west-2")
    assert centre.prepared(Mode.UNPLANNED).lost == "us-east-1"


@pytest.mark.parametrize("only", Mode)
def test_a_runbook_for_one_mode_only_cannot_be_ordered_in_the_other(centre: Centre, only: Mode) -> None:
    centre.write("asks", ASKS.replace("steps:", f"only: {only}\nsteps:", 1))
    assert centre.prepared(only).order.mode is only
    other = next(mode for mode in Mode if mode is not only)
    with pytest.raises(Refused, match=f"asks is for {only} moves only: it cannot be ordered {other}") as refused:
        centre.prepared(other)
    assert refused.value.rule == f"only {only}"


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("lost", ["us-east-2", "eu-west-1", "xx-north-1"])
def test_a_lost_region_that_nothing_here_has_to_do_with_is_a_slip_and_refused(
    centre: Centre, mode: Mode, lost: str
) -> None:
    with pytest.raises(InvalidInput, match=f"--lost {lost}: neither the inventory nor asks") as refused:
        centre.prepared(mode, lost=lost)
    assert refused.value.remedy == "Regions in use are us-east-1, us-west-2"


def test_a_region_where_only_control_planes_live_is_in_use(centre: Centre) -> None:
    centre.world = RealOnPaper(centre.clock, inventory_of("eu-west-2", "eu-central-1"))
    for lost in ("eu-west-2", "us-east-1", "us-west-2"):
        assert centre.prepared(Mode.PLANNED, lost=lost).lost == lost
    with pytest.raises(InvalidInput) as refused:
        centre.prepared(Mode.PLANNED, lost="us-east-2")
    assert refused.value.remedy == "Regions in use are eu-central-1, eu-west-2, us-east-1, us-west-2"


def test_a_region_that_only_a_step_names_is_in_use(centre: Centre) -> None:
    centre.write("asks", ASKS.replace(HERE, "with: {region: ap-northeast-1}"))
    with pytest.raises(Refused, match="asks needs ap-northeast-1, which is lost"):
        centre.prepared(Mode.PLANNED, lost="ap-northeast-1")


@pytest.mark.parametrize(("lost", "mode"), [("us-east-1", Mode.PLANNED), ("", Mode.UNPLANNED)])
def test_a_question_that_is_known_at_run_time_only_needs_no_region(centre: Centre, lost: str, mode: Mode) -> None:
    centre.write("asks", ASKS.replace("question: Sure?", 'question: "Sure, after ${steps.first.state}?"'))
    prepared = centre.prepared(mode, lost=lost)
    assert prepared.plan.late == {"second"}
    assert prepared.lost == "us-east-1"


def test_a_check_that_is_known_at_run_time_only_may_need_the_lost_region(centre: Centre) -> None:
    centre.write("asks", ASKS.replace(HERE, 'with: {region: "${steps.first.state}"}'))
    with pytest.raises(Refused, match=r"the calls of recovered_when\.serves are known at run time only"):
        centre.prepared(Mode.UNPLANNED)


def test_what_is_lost_is_known_to_the_runbook_from_the_start(centre: Centre) -> None:
    centre.write("asks", ASKS.replace("question: Sure?", 'question: "Is ${execution.lost} gone?"'))
    prepared = centre.prepared(Mode.UNPLANNED)
    assert prepared.plan.scope["execution"]["lost"] == prepared.created.lost == "us-east-1"


@pytest.mark.parametrize(
    "given", [{"from_": "primary", "to": "primary"}, {"to": "primary"}, {"from_": "standby"}], ids=str
)
def test_a_move_from_a_place_to_itself_is_refused(centre: Centre, given: dict[str, str]) -> None:
    with pytest.raises(InvalidInput, match=r"from (primary|standby) to \1 is no move"):
        centre.prepared(**given)


def test_a_move_the_other_way_is_one(centre: Centre) -> None:
    created = centre.prepared(Mode.UNPLANNED, from_="standby", to="primary").created
    assert created.environments == {"from": "standby us-west-2", "to": "primary us-east-1"}
    assert created.lost == "us-west-2"


def test_an_environment_may_be_given_as_any_parameter_but_not_twice_in_two_ways(centre: Centre) -> None:
    turned = {"from": "standby", "to": "primary"}
    created = centre.prepared(Mode.UNPLANNED, params=turned, to="primary").created
    assert (created.lost, created.parameters["from"], created.parameters["to"]) == ("us-west-2", "standby", "primary")
    with pytest.raises(InvalidInput, match="--from primary and --param from=standby say different things"):
        centre.prepared(params=turned, from_="primary")


@pytest.mark.parametrize("lost", ["US-EAST-1", "us-east-1 ", "fips-us-east-1"])
def test_a_lost_region_is_spelt_as_regions_are(centre: Centre, lost: str) -> None:
    with pytest.raises(InvalidInput, match="no Region is called that"):
        centre.prepared(lost=lost)


def test_an_environment_that_nobody_chose_is_asked_for(centre: Centre) -> None:
    centre.write("asks", ASKS.replace("{type: environment, default: primary}", "{type: environment}"))
    with pytest.raises(InvalidInput, match=r"which environment is from\?"):
        centre.prepared()
    assert centre.prepared(from_="primary").created.parameters["from"] == "primary"


def test_an_environment_that_the_runbook_does_not_have_is_refused(centre: Centre) -> None:
    one = ASKS.replace("  to: {type: environment, default: standby}\n", "").replace("${to.", "${standby.")
    centre.write("asks", one)
    with pytest.raises(InvalidInput, match="the runbook has no environment to"):
        centre.prepared(to="standby")
    assert centre.prepared().created.environments == {"from": "primary us-east-1"}


@pytest.mark.parametrize("runbook", ["prepare-standby", "voice-only-shift"])
def test_a_runbook_of_the_other_continuity_model_is_refused_with_the_steps_that_need_it(runbook: str) -> None:
    paper = inventory_of("us-east-1", "us-west-2")
    independent = RealOnPaper(VirtualClock(START), paper.model_copy(update={"continuity": "independent-instances"}))
    ordered = check(Order(str(RUNBOOKS / f"{runbook}.yaml"), Mode.PLANNED), Catalogue())
    with pytest.raises(
        InvalidInput, match=f"{runbook} is not for this contact centre, which has independent"
    ) as refused:
        prepare(ordered, independent, catalogue=Catalogue())
    assert "is of global-resiliency" in refused.value.what


def test_what_applies_under_a_condition_is_for_both_models() -> None:
    ordered = check(Order(str(RUNBOOKS / "region-evacuation.yaml"), Mode.PLANNED), Catalogue())
    whole = ordered.loaded.runbook
    conditional = [each for each in whole.steps.values() if Catalogue()[each.action].continuity]
    assert conditional
    assert all(each.when for each in conditional)
