"""What the runbook's own defaults lead to is told by lint, where it is sure, and only there."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import pytest

from orchestrator.runbook.codes import Code

if TYPE_CHECKING:
    from collections.abc import Callable

    from orchestrator.model.errors import Fault

    Lint: TypeAlias = Callable[[str], tuple[Fault, ...]]

STAGES = "default: [10, 50, 100]"


def line_of(text: str, words: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), start=1) if words in line)


def test_a_literal_share_that_is_no_multiple_of_ten_is_told(sample: str, faults_of: Lint) -> None:
    text = sample.replace("percent: ${item}", "percent: 15")
    (fault,) = faults_of(text)
    assert (fault.line, fault.code) == (line_of(text, "percent: 15"), Code.WRONG_ARGUMENT)
    assert (fault.what, fault.remedy) == ("percent is 15, must be in steps of 10", "correct percent:")


def test_a_default_that_leads_to_a_wrong_value_is_told_where_it_is_used_and_named(sample: str, faults_of: Lint) -> None:
    text = sample.replace(STAGES, "default: [10, 15, 25, 100]")
    (fault,) = faults_of(text)
    assert (fault.line, fault.code) == (line_of(text, "percent: ${item}"), Code.WRONG_ARGUMENT)
    assert (fault.what, fault.remedy) == ("percent is 15, must be in steps of 10", "correct the default of stages")


def test_a_series_that_is_written_out_is_followed(sample: str, faults_of: Lint) -> None:
    series = "\"${execution.mode == 'planned' && stages || `[100]`}\""
    assert faults_of(sample.replace(series, "[10, 100]")) == ()
    (fault,) = faults_of(sample.replace(series, "[10, 15]"))
    assert fault.what == "percent is 15, must be in steps of 10"
    (fault,) = faults_of(sample.replace("`[100]`", "`[95]`"))
    assert fault.what == "percent is 95, must be in steps of 10"


@pytest.mark.parametrize(
    "series",
    ["${stages[?@ > `20`]}", "${execution.lost == 'x' && stages || `[100]`}", "${reverse(stages)[:1]}"],
)
def test_what_an_expression_leaves_out_or_nobody_knows_is_no_fault(series: str, sample: str, faults_of: Lint) -> None:
    text = sample.replace("${execution.mode == 'planned' && stages || `[100]`}", series)
    assert faults_of(text.replace(STAGES, "default: [15, 50, 100]")) == ()


def test_a_step_for_one_mode_is_judged_in_that_mode(sample: str, faults_of: Lint) -> None:
    text = sample.replace(STAGES, "default: [15, 100]")
    assert len(faults_of(text)) == 1
    assert faults_of(text.replace("in_order: true\n", "in_order: true\n    only: unplanned\n")) == ()


def conditioned(sample: str, when: str, value: str) -> str:
    """The sample with a further step whose value is given under a condition."""
    lines = (
        "  more:\n    action: connect.shift_traffic\n    needs: [shift]\n    deadline: 5m\n",
        f'    when: "{when}"\n' if when else "",
        f'    with: {{group: another, region: us-west-2, percent: "{value}"}}\n',
    )
    return sample.replace("recovered_when:\n", "".join(lines) + "recovered_when:\n")


@pytest.mark.parametrize(
    ("when", "value", "told"),
    [
        ("", "${calls_at_least > `50` && `90` || `95`}", True),
        ("${calls_at_least > `50`}", "${calls_at_least > `50` && `90` || `95`}", False),
        ("${calls_at_least < `50`}", "${calls_at_least > `50` && `90` || `95`}", True),
        ("${calls_at_least > `50`}", "${`95`}", False),
        ("${calls_at_least > `50` && to.region == 'x'}", "${calls_at_least > `50` && `90` || `95`}", False),
        ("${to.region == 'x'}", "${calls_at_least > `50` && `90` || `95`}", True),
        ("${steps.shift.state == 'done'}", "${`95`}", True),
        ("${execution.mode == 'planned'}", "${execution.mode == 'planned' && `90` || `95`}", False),
        ("${execution.mode == 'unplanned'}", "${execution.mode == 'planned' && `90` || `95`}", True),
    ],
)
def test_what_a_condition_keeps_out_is_no_fault(
    when: str,
    value: str,
    told: bool,  # noqa: FBT001 - an expectation
    sample: str,
    faults_of: Lint,
) -> None:
    found = [fault.what for fault in faults_of(conditioned(sample, when, value))]
    assert found == (["percent is 95, must be in steps of 10"] if told else [])


@pytest.mark.parametrize(("when", "told"), [("${calls_at_least > `50`}", False), ("${calls_at_least < `50`}", True)])
def test_nor_is_what_keeps_a_condition_of_recovery_from_applying(
    when: str,
    told: bool,  # noqa: FBT001 - an expectation
    sample: str,
    faults_of: Lint,
) -> None:
    percent = "${calls_at_least > `50` && `90` || `101`}"
    given = f'    with: {{region: us-west-2, percent_at_least: "{percent}", window: 2m}}\n'
    text = f'{sample}  more:\n    action: service.calls_answered\n    when: "{when}"\n    deadline: 1m\n{given}'
    assert [fault.code for fault in faults_of(text)] == ([Code.WRONG_ARGUMENT] if told else [])


@pytest.mark.parametrize(
    "value", ["${floor(to_number('inf'))}", "${ceil(to_number('1e999'))}", "${`1E400`}", "${to_number('nan')}"]
)
def test_a_number_that_none_can_be_is_told_and_ends_nothing(value: str, sample: str, faults_of: Lint) -> None:
    text = conditioned(sample, "", value)
    (fault,) = faults_of(text)
    assert (fault.line, fault.code) == (line_of(text, "group: another"), Code.WRONG_ARGUMENT)
    assert fault.what.startswith(f"percent has no value: {value} ")
    assert fault.remedy == "correct percent:"
    assert faults_of(conditioned(sample, value, "${`50`}")) == ()  # a condition is asked when its turn comes


def test_a_region_is_held_to_its_spelling_wherever_it_comes_from(sample: str, faults_of: Lint) -> None:
    text = sample.replace("steps:\n", "  place: {type: text, default: US-EAST-1}\nsteps:\n", 1)
    (fault,) = faults_of(text.replace("region: ${to.region}\n", "region: ${place}\n", 1))
    assert (fault.code, fault.remedy) == (Code.WRONG_ARGUMENT, "correct the default of place")
    assert fault.what == "region is 'US-EAST-1', must be a Region's name such as us-east-1"


@pytest.mark.parametrize(
    ("yeses", "wrong"), [("0", True), ("-1", True), ("3", True), ("1", False), ("2", False), ("${many}", True)]
)
def test_yeses_that_nobody_can_give_are_told(yeses: str, wrong: bool, sample: str, faults_of: Lint) -> None:  # noqa: FBT001
    text = sample.replace("approvers: [duty-manager]", f"approvers: [a, b, a]\n      yeses: {yeses}")
    text = text.replace("steps:\n", "  many: {type: integer, default: 3}\nsteps:\n", 1)
    found = faults_of(text)
    assert [(fault.line, fault.code) for fault in found] == (
        [(line_of(text, "yeses:"), Code.WRONG_ARGUMENT)] if wrong else []
    )


def test_approvers_from_elsewhere_are_not_guessed(sample: str, faults_of: Lint) -> None:
    text = sample.replace("approvers: [duty-manager]", "approvers: ${values(to.topics)}\n      yeses: 5")
    assert faults_of(text) == ()


def test_a_parameter_that_nothing_reads_stops_no_run(sample: str, faults_of: Lint) -> None:
    assert faults_of(sample.replace("steps:\n", "  spare: {type: text, default: x}\nsteps:\n", 1)) == ()


def test_no_to_a_gate_may_not_be_ignored(sample: str, faults_of: Lint) -> None:
    text = sample.replace("on_silence: proceed-unplanned\n", "on_silence: proceed-unplanned\n    critical: false\n")
    (fault,) = faults_of(text)
    assert (fault.line, fault.code) == (line_of(text, "critical: false"), Code.IGNORED_NO)
    assert fault.remedy.startswith("remove critical:")
    assert faults_of(text.replace("critical: false\n", "critical: true\n", 1)) == ()


GROUP = """  more:
    action: agents.incident_routing
    deadline: 1m
    with:
      region: us-west-2
      instance: i
      labels: {a: text}
      group: {group}
recovered_when:
"""


@pytest.mark.parametrize(
    ("group", "code", "says"),
    [
        ("{}", Code.MISSING_ARGUMENT, 'group lacks "'),
        ("${to.connect}", Code.WRONG_ARGUMENT, "group is a mapping (connect), must be mapping of user_ids"),
        ("${to.topics}", Code.WRONG_ARGUMENT, "group is a mapping of names to text"),
        ("${to.region}", Code.WRONG_ARGUMENT, "group is text"),
        ("5", Code.WRONG_ARGUMENT, "group is 5, must be a mapping of user_ids"),
        ('{user_ids: [5], normal_profile: "n", incident_profile: "i"}', Code.WRONG_ARGUMENT, "user_ids is 5"),
        ('{user_ids: [], normal_profile: "n", incident_profile: "i", x: 1}', Code.UNKNOWN_ARGUMENT, 'takes no "x"'),
        (
            '{user_ids: [], normal_profile: "${to.bots}", incident_profile: i}',
            Code.WRONG_ARGUMENT,
            "normal_profile is a",
        ),
    ],
)
def test_a_mapping_of_another_shape_is_told(group: str, code: Code, says: str, sample: str, faults_of: Lint) -> None:
    text = sample.replace("recovered_when:\n", GROUP.replace("{group}", group))
    found = faults_of(text)
    assert {(fault.line, fault.code) for fault in found} == {(line_of(text, f"group: {group}"), code)}
    assert all(says in fault.what for fault in found)
    assert len(found) == (3 if group == "{}" else 1)


@pytest.mark.parametrize(
    "group",
    [
        "${to.connect.agent_groups.all}",
        "${values(from.connect.agent_groups)[0]}",
        '${steps."emergency-answer".after}',
        "${steps.shift.after[0]}",
        '{user_ids: [], normal_profile: "${to.region}", incident_profile: i}',
    ],
)
def test_a_mapping_that_has_its_keys_or_may_have_them_is_none(group: str, sample: str, faults_of: Lint) -> None:
    text = sample.replace(
        "recovered_when:\n", GROUP.replace("{group}", group).replace("    dead", "    needs: [shift]\n    dead")
    )
    assert faults_of(text) == ()


def test_a_mapping_of_free_names_has_its_values_checked(sample: str, faults_of: Lint) -> None:
    text = sample.replace("recovered_when:\n", GROUP.replace("{group}", "${to.connect.agent_groups.all}"))
    (fault,) = faults_of(text.replace("labels: {a: text}", "labels: {a: 5}"))
    assert (fault.code, fault.what) == (Code.WRONG_ARGUMENT, "a is 5, must be text")
