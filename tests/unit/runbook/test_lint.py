from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.model import inventory
from orchestrator.model.errors import InvalidInput
from orchestrator.runbook.codes import Code
from orchestrator.runbook.lint import lint
from orchestrator.runbook.load import load

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from orchestrator.model.actions import Action
    from orchestrator.model.errors import Fault

    Lint = Callable[[str], tuple[Fault, ...]]
    Expected = Callable[[str], list[tuple[int, str]]]


def places(faults: tuple[Fault, ...]) -> list[tuple[int, str]]:
    return [(fault.line, fault.code) for fault in faults]


def with_steps(sample: str, steps: str) -> str:
    """The sample with further steps before `recovered_when`."""
    head, tail = sample.split("recovered_when:", 1)
    return f"{head}{steps}recovered_when:{tail}"


def test_the_sample_runbook_of_the_design_is_clean(sample: str, faults_of: Lint) -> None:
    assert faults_of(sample) == ()


def test_every_fault_of_a_bad_runbook_is_told_in_one_pass_with_its_line(
    documents: Path, faults_of: Lint, expected_of: Expected
) -> None:
    text = (documents / "many-faults.yaml").read_text()
    expected = expected_of(text)
    found = faults_of(text)
    assert Counter(places(found)) == Counter(expected)
    assert places(found) == sorted(places(found))
    assert len({code for _, code in expected}) >= 20


def test_every_fault_says_what_and_a_remedy_in_words(documents: Path, faults_of: Lint) -> None:
    for fault in faults_of((documents / "many-faults.yaml").read_text()):
        assert fault.what
        assert fault.remedy, fault
        assert "\n" not in str(fault)


def test_every_code_has_a_meaning_and_every_lint_code_is_shown_by_a_document(
    documents: Path, expected_of: Expected
) -> None:
    assert all(code.meaning for code in Code)
    shown = {
        code
        for name in ("many-faults", "many-misfits")
        for _, code in expected_of((documents / f"{name}.yaml").read_text())
    }
    elsewhere = {Code.UNREADABLE, Code.TOO_LARGE, Code.UNKNOWN_PARAMETER, Code.WRONG_PARAMETER, Code.MISSING_PARAMETER}
    assert shown == set(Code) - elsewhere


def test_a_circle_is_named_by_its_shortest_loop(sample: str, faults_of: Lint) -> None:
    steps = "".join(
        f"  {name}:\n    action: service.answers\n    needs: [{needs}]\n    with: {{region: us-west-2}}\n"
        for name, needs in (("a", "b"), ("b", "c"), ("c", "a, d"), ("d", "c"))
    )
    (fault,) = faults_of(with_steps(sample, steps))
    assert fault.code == Code.CYCLE
    assert fault.what in ("in a circle: c needs d needs c", "in a circle: d needs c needs d")


def test_a_step_that_needs_itself_is_a_circle_of_one(sample: str, faults_of: Lint) -> None:
    steps = "  a:\n    action: service.answers\n    needs: [a]\n    with: {region: us-west-2}\n"
    (fault,) = faults_of(with_steps(sample, steps))
    assert (fault.code, fault.what) == (Code.CYCLE, "in a circle: a needs a")


def test_two_circles_apart_are_both_told(sample: str, faults_of: Lint) -> None:
    pairs = (("a", "b"), ("b", "a"), ("x", "y"), ("y", "x"))
    steps = "".join(
        f"  {name}:\n    action: service.answers\n    needs: [{need}]\n    with: {{region: us-west-2}}\n"
        for name, need in pairs
    )
    assert [fault.code for fault in faults_of(with_steps(sample, steps))] == [Code.CYCLE, Code.CYCLE]


def test_a_result_may_be_read_through_a_chain_of_needs(sample: str, faults_of: Lint) -> None:
    step = """  tell:
    action: people.approve
    needs: [shift]
    with:
      question: Shifted ${steps.shift.state}, flag ${steps."emergency-answer".after}?
      approvers: [duty-manager]
    deadline: 1m
"""
    assert faults_of(with_steps(sample, step)) == ()
    (fault,) = faults_of(with_steps(sample, step.replace("needs: [shift]", "needs: [destination-serves, declare]")))[:1]
    assert fault.code == Code.NOT_NEEDED


def test_the_results_of_a_series_are_lists(sample: str, faults_of: Lint) -> None:
    step = """  tell:
    action: people.approve
    needs: [shift]
    with: {question: "Now ${to_string(steps.shift.RESULT)}, ${steps.shift.state}?", approvers: [duty-manager]}
    deadline: 1m
"""
    for result in ("output[0].moved", "output[*].moved", "before[-1].x", "after"):
        assert faults_of(with_steps(sample, step.replace("RESULT", result))) == ()
    for result in ("output.moved", "before.x"):
        (fault,) = faults_of(with_steps(sample, step.replace("RESULT", result)))
        assert (fault.code, "[0]." in fault.remedy) == (Code.EXPRESSION_TYPE, True)


def test_a_step_may_not_read_its_own_result(sample: str, faults_of: Lint) -> None:
    step = """  tell:
    action: people.approve
    with: {question: "Is it ${steps.tell.state}?", approvers: [duty-manager]}
    deadline: 1m
"""
    (fault,) = faults_of(with_steps(sample, step))
    assert (fault.code, fault.what) == (Code.NOT_NEEDED, 'step "tell" reads its own result')


def test_equal_settings_in_order_are_no_fault_and_in_two_modes_they_are(sample: str, faults_of: Lint) -> None:
    step = """  {name}:
    action: ivr.flag
    {key}
    with: {{region: us-west-2, table: t, flag: f, value: v}}
    deadline: 1m
"""
    one, two = step.format(name="one", key="only: planned"), step.format(name="two", key="only: unplanned")
    (fault,) = faults_of(with_steps(sample, one + two))  # a run may switch while the first one is under way
    assert (fault.code, fault.remedy) == (Code.SAME_SUBJECT, "let one need the other: add one to its needs:")
    assert faults_of(with_steps(sample, one + two.replace("only:", "needs: [one]\n    only:"))) == ()
    after = step.format(name="two", key="needs: [one]")
    assert faults_of(with_steps(sample, one + after)) == ()
    beside = step.format(name="two", key="needs: [declare]")
    assert [fault.code for fault in faults_of(with_steps(sample, one + beside))] == [Code.SAME_SUBJECT]


def test_items_that_all_write_one_setting_at_once_are_a_fault(sample: str, faults_of: Lint) -> None:
    text = sample.replace("      group: ${item}", "      group: ${to.connect.agent_groups.all}")
    assert [fault.code for fault in faults_of(text)] == [Code.SAME_SUBJECT]


def test_from_without_its_environment_is_told_where_it_is_read(sample: str, faults_of: Lint) -> None:
    text = sample.replace("  from: {type: environment, default: primary}\n", "")
    (fault,) = faults_of(text)
    assert fault.code == Code.EXPRESSION_NAME
    assert "type: environment" in fault.remedy


def test_from_as_a_text_is_one_fault_and_not_one_for_each_use(sample: str, faults_of: Lint) -> None:
    text = sample.replace("from: {type: environment, default: primary}", "from: {type: text, default: primary}")
    assert [fault.code for fault in faults_of(text)] == [Code.RESERVED_NAME]


def test_an_expression_of_another_type_than_the_parameter_is_told(sample: str, faults_of: Lint) -> None:
    (fault,) = faults_of(sample.replace("percent: ${item}", "percent: ${to.region}"))
    assert (fault.code, fault.what) == (Code.WRONG_ARGUMENT, "percent is text, must be percent")


def test_an_item_has_the_shape_of_the_lists_members(sample: str, faults_of: Lint) -> None:
    (fault,) = faults_of(sample.replace("group: ${item}", "group: ${item.normal_profle}"))
    assert (fault.code, 'did you mean "normal_profile"' in fault.remedy) == (Code.EXPRESSION_NAME, True)


def test_an_unquoted_switch_is_told_as_yamls_doing(sample: str, faults_of: Lint) -> None:
    (fault,) = faults_of(sample.replace('value: "on"', "value: on"))
    assert fault.code == Code.YAML_TRAP
    assert "read by YAML as true" in fault.what
    assert '"on"' in fault.remedy


def test_without_a_list_of_runbooks_a_failback_is_not_judged(
    sample: str, catalogue: Mapping[str, type[Action[Any]]], faults_of: Lint
) -> None:
    text = sample.replace("version: 1\n", "version: 1\nfailback: nowhere\n", 1)
    loaded = load(text, "test.yaml")
    assert lint(loaded, catalogue=catalogue, inventory_types=inventory.types(), known_runbooks=None) == ()
    assert [fault.code for fault in faults_of(text)] == [Code.UNKNOWN_RUNBOOK]


@pytest.mark.parametrize(
    ("written", "remedy"),
    [
        ("US-EAST-1", "write us-east-1"),
        ("fips-us-east-1", "write us-east-1"),
        ("us-east-1-fips", "write us-east-1"),
        ("us_west_2", "write us-west-2"),
        ("us-esat-1", "take it from the inventory, or write a name such as us-east-1"),
        ("5", "take it from the inventory, or write a name such as us-east-1"),
    ],
)
def test_a_region_that_is_only_spelt_differently_is_no_way_round_law_4(
    written: str, remedy: str, sample: str, faults_of: Lint
) -> None:
    (fault,) = faults_of(sample.replace("region: ${to.region}", f"region: {written}", 1))
    assert (fault.code, fault.remedy) == (Code.WRONG_ARGUMENT, remedy)
    assert "must be a Region's name" in fault.what


def test_a_condition_over_several_lines_is_one_all_the_same(sample: str, faults_of: Lint) -> None:
    condition = "when: |-\n      ${from.role == 'primary'\n      && to.role == 'standby'}\n    with:\n      region"
    text = sample.replace("with:\n      region", condition, 1)
    assert faults_of(text) == ()
    (fault,) = faults_of(text.replace("when: |-", "when: |"))
    assert (fault.code, "of step" in fault.what) == (Code.WRONG_VALUE, True)


@pytest.mark.parametrize(
    ("when", "codes"),
    [
        ("${to.connect.traffic_group_arn != ''}", []),
        ("${to.connect.trafic_group_arn != ''}", [Code.EXPRESSION_NAME]),
        ("${to.region} ${from.region}", [Code.WRONG_VALUE]),
        ("${item}", [Code.NO_ITEM]),
        ("sometimes", [Code.WRONG_VALUE]),
    ],
)
def test_a_condition_of_recovery_has_a_condition_judged_as_a_steps_is(
    when: str, codes: list[Code], sample: str, faults_of: Lint
) -> None:
    head, tail = sample.split("recovered_when:", 1)
    conditioned = tail.replace("    with:", f'    when: "{when}"\n    with:', 1)
    text = f"{head}recovered_when:{conditioned}"
    found = faults_of(text)
    assert [fault.code for fault in found] == codes
    assert all(fault.line == text[: text.index(f'when: "{when}"')].count("\n") + 1 for fault in found)


def test_every_entry_of_a_default_is_judged_where_it_stands(sample: str, faults_of: Lint) -> None:
    entries = "".join(f"      - {each}\n" for each in ("10", "101", "x", "${stages}"))
    more = f"  more:\n    type: list\n    items: percent\n    default:\n{entries}"
    text = sample.replace("steps:\n", f"{more}steps:\n", 1)
    found = faults_of(text)
    assert [text.splitlines()[fault.line - 1].strip() for fault in found] == ["- 101", "- x", "- ${stages}"]
    assert {fault.code for fault in found} == {Code.WRONG_DEFAULT}
    assert found[0].what == 'an entry in the default of "more" is 101, must be a whole number from 0 to 100'


def test_an_alias_hides_no_fault_beside_it(sample: str, faults_of: Lint) -> None:
    text = sample.replace("region: ${to.region}\n", "region: *there\n      regin: x\n", 1)
    assert [fault.code for fault in faults_of(text)] == [Code.TOO_LARGE, Code.UNKNOWN_ARGUMENT]


def test_a_hold_that_is_no_duration_is_told(sample: str, faults_of: Lint) -> None:
    (wrong,) = faults_of(sample.replace("hold: ${hold}", "hold: soon"))
    assert wrong.code == Code.WRONG_VALUE
    (fault,) = faults_of(sample.replace("hold: ${hold}", "hold: ${hold == '2m'}"))
    assert fault.code == Code.EXPRESSION_TYPE


def test_a_hold_may_differ_from_item_to_item(sample: str, faults_of: Lint) -> None:
    text = sample.replace("hold: ${hold}", "hold: ${item > `50` && '5m' || hold}")
    assert faults_of(text) == ()


def test_two_thousand_steps_in_one_chain_are_linted(faults_of: Lint) -> None:
    step = "  s{}:\n    action: service.answers\n    needs: [{}]\n    with: {{region: us-west-2}}\n"
    chain = "".join(step.format(n, f"s{n - 1}" if n else "") for n in range(2_000))
    head = "version: 1\nid: long\ntitle: Long\nowner: us\nreview: {every: 180d, last: 2026-11-01}\nsteps:\n"
    assert faults_of(head + chain) == ()
    (fault,) = faults_of(head + chain + "  more:\n    action: service.answers\n")
    assert (fault.line, fault.code, "at most 2000" in fault.what) == (6, Code.WRONG_VALUE, True)


ANY = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=6)
    | st.sampled_from(["${item}", "${to.x}", "5m", "on"])
)
VALUES = st.recursive(ANY, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner))
PLACES = st.sampled_from(
    [
        ("steps", "shift", "with", "percent"),
        ("steps", "shift", "with", "extra"),
        ("steps", "shift", "for_each"),
        ("steps", "shift", "hold"),
        ("steps", "shift", "needs"),
        ("steps", "shift", "when"),
        ("steps", "agents", "with", "group"),
        ("steps", "declare", "with", "approvers"),
        ("steps", "declare", "with", "question"),
        ("parameters", "stages", "default"),
        ("parameters", "calls_at_least", "default"),
        ("parameters", "from", "default"),
    ]
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=PLACES, value=VALUES)
def test_the_sample_with_any_one_value_exchanged_is_linted_without_an_exception(
    sample: str, faults_of: Lint, path: tuple[str, ...], value: object
) -> None:
    document = part = yaml.safe_load(sample)
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    text = yaml.safe_dump(document, sort_keys=False)
    try:
        faults = faults_of(text)
    except InvalidInput as error:
        faults = error.faults
        assert faults
    assert all(0 < fault.line <= len(text.splitlines()) and fault.remedy for fault in faults)
