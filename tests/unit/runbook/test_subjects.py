"""Two steps that write one setting at once are found by what their actions say makes the setting."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from orchestrator.actions.catalogue import ACTIONS
from orchestrator.model.actions import Setting
from orchestrator.model.parameters import describe, keys_of
from orchestrator.runbook.codes import Code

if TYPE_CHECKING:
    from collections.abc import Callable

    from orchestrator.model.errors import Fault

    Lint: TypeAlias = Callable[[str], tuple[Fault, ...]]

SETTINGS = [action for action in ACTIONS if issubclass(action, Setting)]


def shift(name: str, percent: str, *keys: str, group: str = "${to.connect.traffic_group_arn}") -> str:
    more = "".join(f"    {key}\n" for key in keys)
    return (
        f"  {name}:\n    action: connect.shift_traffic\n    deadline: 5m\n{more}"
        f"    with: {{group: '{group}', region: us-west-2, percent: {percent}}}\n"
    )


def shared(faults_of: Lint, sample: str, *steps: str) -> list[Code]:
    return [
        Code(fault.code)
        for fault in faults_of(sample.replace("recovered_when:\n", "".join(steps) + "recovered_when:\n"))
    ]


def test_the_same_group_with_another_share_is_the_same_setting(sample: str, faults_of: Lint) -> None:
    assert shared(faults_of, sample, shift("more", "50")) == [Code.SAME_SUBJECT]
    assert shared(faults_of, sample, shift("more", "50", "needs: [shift]")) == []
    assert shared(faults_of, sample, shift("more", "50", group="another")) == []
    assert shared(faults_of, sample, shift("a", "10", group="g"), shift("b", "50", group="g")) == [Code.SAME_SUBJECT]


def test_items_that_differ_only_in_what_is_written_race(sample: str, faults_of: Lint) -> None:
    many = shift("more", "'${item}'", "needs: [shift]", "for_each: ${stages}")
    assert shared(faults_of, sample, many) == [Code.SAME_SUBJECT]
    assert (
        shared(faults_of, sample, many.replace("for_each: ${stages}", "for_each: ${stages}\n    in_order: true")) == []
    )
    assert shared(faults_of, sample, many.replace("${stages}", "[10]")) == []


def test_items_of_two_series_race_only_where_they_surely_are_the_same(sample: str, faults_of: Lint) -> None:
    one = shift("a", "10", "for_each: ${values(to.topics)}", group="${item}")
    other = shift("b", "20", "for_each: ${values(to.topics)}", group="${item}")
    assert shared(faults_of, sample, one, other) == [Code.SAME_SUBJECT]
    assert shared(faults_of, sample, one, other.replace("to.topics", "from.topics")) == []


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        ("${from.role == 'primary'}", "${from.role == 'standby'}", False),
        ("${from.role == 'primary'}", "${from.role == 'primary'}", True),
        ("${execution.mode == 'planned'}", "${execution.mode == 'unplanned'}", True),
        ("${steps.declare.state == 'done'}", "${steps.declare.state == 'failed'}", True),
        ("${from.role == 'primary'}", "${steps.declare.state == 'failed'}", True),
    ],
)
def test_conditions_keep_steps_apart_only_by_what_stays_as_it_is(
    one: str,
    other: str,
    told: bool,  # noqa: FBT001 - an expectation
    sample: str,
    faults_of: Lint,
) -> None:
    steps = [
        shift(name, "10", "needs: [declare]", f'when: "{when}"', group="g") for name, when in (("a", one), ("b", other))
    ]
    assert shared(faults_of, sample, *steps) == ([Code.SAME_SUBJECT] if told else [])


@pytest.mark.parametrize(
    ("series", "told"),
    [
        ("${[to.region]}", False),
        ("${[to.region, from.region]}", True),
        ("${to.desktops.ids[:1]}", False),
        ("${to.desktops.ids[2:3]}", False),
        ("${to.desktops.ids[-1:]}", False),
        ("${to.desktops.ids[1:3]}", True),
        ("${to.desktops.ids[::1]}", True),
        ("${execution.mode == 'planned' && [to.region] || `[100]`}", False),
        ("${execution.mode == 'planned' && [to.region] || `[10, 100]`}", True),
        ("${values(to.topics) | [:1]}", False),
        ("${to.desktops.ids}", True),
    ],
)
def test_a_series_of_one_item_cannot_race_with_itself(
    series: str,
    told: bool,  # noqa: FBT001 - an expectation
    sample: str,
    faults_of: Lint,
) -> None:
    step = shift("a", "10", f'for_each: "{series}"', group="g")
    assert shared(faults_of, sample, step) == ([Code.SAME_SUBJECT] if told else [])


@pytest.mark.parametrize("action", SETTINGS, ids=lambda action: str(action.name))
def test_a_subject_is_made_of_the_parameters_that_the_action_says(action: type[Setting[Any]]) -> None:
    fields = {field.name: field.type for field in describe(action.Params)}
    said = action.subject_params or tuple(fields)
    cloud: Any = None

    def subject(**changed: str) -> str:
        # What is not said to be read is not there, so that reading it fails.
        texts = {name: changed.get(name, "x") for name in said}
        given = {name: dict.fromkeys(keys_of(fields[name]), text) or text for name, text in texts.items()}
        return action(cloud).subject(SimpleNamespace(**given))

    assert set(said) <= fields.keys()
    assert all(subject(**{name: "another"}) != subject() for name in said)
