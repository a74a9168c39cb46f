"""A plan: order, loops, expansion, subjects, length, and what it needs of AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from engine_actions import CATALOGUE
from engine_world import plan_of, runbook, scope
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.engine.claims import expected_of
from orchestrator.engine.plan import compile_plan
from orchestrator.model.actions import Expected, Provenance
from orchestrator.model.errors import Fault, InvalidInput
from orchestrator.model.plan import PlannedStep
from orchestrator.model.states import Mode

if TYPE_CHECKING:
    from engine_world import Steps


def put(key: str, *needs: str, **more: Any) -> dict[str, Any]:
    """A step that sets a key to 1."""
    return {"action": "kv.set", "needs": list(needs), "with": {"key": key, "value": 1}, **more}


def probe(key: str = "a", *needs: str, **more: Any) -> dict[str, Any]:
    return {"action": "kv.probe", "needs": list(needs), "with": {"key": key}, **more}


def faults_of(steps: Steps, recovered_when: Steps | None = None, **more: Any) -> list[Fault]:
    with pytest.raises(InvalidInput) as refused:
        plan_of(steps, recovered_when, **more)
    return list(refused.value.faults)


def keys(steps: tuple[PlannedStep, ...]) -> list[str]:
    return [step.key for step in steps]


def test_what_a_step_needs_comes_before_it_however_they_are_written() -> None:
    plan = plan_of({"third": put("c", "second"), "second": put("b", "first"), "first": put("a")})
    assert keys(plan.steps) == ["first", "second", "third"]


def test_where_needs_leave_a_choice_the_order_written_stands() -> None:
    plan = plan_of({"z": put("z"), "m": put("m"), "a": put("a")})
    assert keys(plan.steps) == ["z", "m", "a"]


@given(st.lists(st.sets(st.integers(0, 7), max_size=4), min_size=1, max_size=8))
def test_any_plan_is_in_topological_order_and_holds_every_step_once(needs: list[set[int]]) -> None:
    steps = {f"s{n}": put(f"k{n}", *(f"s{m}" for m in sorted(each) if m < n)) for n, each in enumerate(needs)}
    backwards = dict(reversed(steps.items()))
    planned = plan_of(backwards).steps
    place = {key: index for index, key in enumerate(keys(planned))}
    assert sorted(place) == sorted(steps)
    assert all(place[need] < place[step.key] for step in planned for need in step.needs)


def test_a_loop_is_named_by_its_shortest_way_round() -> None:
    around = {"a": put("a", "d", "b"), "b": put("b", "a"), "c": put("c", "b"), "d": put("d", "c")}
    [fault] = faults_of(around)
    assert (fault.code, fault.what) == ("PL02", "steps need each other: a → b → a")


def test_a_step_that_needs_itself_is_a_loop() -> None:
    [fault] = faults_of({"a": put("a", "a")})
    assert fault.what == "steps need each other: a → a"


def test_every_loop_is_told_and_the_unknown_need_too() -> None:
    steps = {"a": put("a", "b"), "b": put("b", "a"), "c": put("c", "d"), "d": put("d", "c"), "e": put("e", "nobody")}
    told = {(fault.code, fault.what) for fault in faults_of(steps)}
    assert told == {
        ("PL02", "steps need each other: a → b → a"),
        ("PL02", "steps need each other: c → d → c"),
        ("PL01", 'step "e" needs "nobody"'),
    }


def test_a_dense_knot_of_steps_is_told_without_counting_its_loops() -> None:
    everybody = [f"s{n}" for n in range(40)]
    [fault] = faults_of({name: put(name, *(each for each in everybody if each != name)) for name in everybody})
    assert fault.what == "steps need each other: s0 → s1 → s0"


def test_for_each_makes_one_item_a_member_and_dependents_wait_for_all() -> None:
    plan = plan_of({"each": put("${item}", for_each=["x", "y"]), "after": put("z", "each")})
    assert keys(plan.steps) == ["each[0]", "each[1]", "after"]
    first, second, after = plan.steps
    assert (first.item, second.item, first.index, second.index) == ("x", "y", 0, 1)
    assert (first.needs, second.needs, after.needs) == ((), (), ("each[0]", "each[1]"))
    assert (first.last, second.last, first.series) == (True, True, False)
    assert [step.subject for step in plan.steps] == ["x/value", "y/value", "z/value"]


def test_items_in_order_need_the_one_before_and_dependents_wait_for_the_last() -> None:
    series = put("a", "first", for_each=[10, 50, 100], in_order=True)
    plan = plan_of({"first": put("f"), "series": series, "after": put("z", "series")})
    by_key = {step.key: step for step in plan.steps}
    assert [by_key[f"series[{n}]"].needs for n in range(3)] == [("first",), ("series[0]",), ("series[1]",)]
    assert [by_key[f"series[{n}]"].last for n in range(3)] == [False, False, True]
    assert by_key["after"].needs == ("series[2]",)


def test_an_empty_for_each_is_one_item_that_says_there_is_nothing_to_do() -> None:
    plan = plan_of({"each": put("${item}", for_each=[]), "after": put("z", "each")})
    assert [(step.key, step.skip) for step in plan.steps] == [
        ("each", "for_each is empty: nothing to do"),
        ("after", ""),
    ]
    assert plan.steps[1].needs == ("each",)
    assert plan.not_done(plan.steps[0])


def test_for_each_may_be_an_expression_over_the_scope() -> None:
    plan = plan_of({"each": put("${item}", for_each="${groups}")}, groups=["x", "y", "z"])
    assert [step.item for step in plan.steps] == ["x", "y", "z"]


@pytest.mark.parametrize(
    ("for_each", "code"), [("${steps.a.output}", "PL04"), ("${number}", "PL05"), ("${nothing.here}", "PL07")]
)
def test_a_for_each_that_cannot_be_known_or_is_no_list_is_refused(for_each: str, code: str) -> None:
    faults = faults_of({"a": put("a"), "each": put("${item}", for_each=for_each)}, number=3)
    assert [fault.code for fault in faults] == [code]


def test_two_unordered_items_with_one_subject_are_refused_by_name() -> None:
    [fault] = faults_of({"one": put("a"), "two": put("a")})
    assert (fault.code, fault.what) == ("PL09", '"one" and "two" both write a/value, in no order')


def test_the_items_of_one_unordered_for_each_may_not_share_a_subject() -> None:
    [fault] = faults_of({"each": put("a", for_each=[1, 2])})
    assert fault.what == '"each[0]" and "each[1]" both write a/value, in no order'


def test_one_subject_is_fine_where_the_writers_are_ordered_however_far_apart() -> None:
    plan = plan_of({"one": put("a"), "between": put("b", "one"), "two": put("a", "between")})
    assert [step.subject for step in plan.steps] == ["a/value", "b/value", "a/value"]


def test_the_critical_path_is_the_chain_that_takes_longest() -> None:
    steps = {
        "short": probe("p"),  # 3 s
        "long": put("a"),  # 10 s
        "then": put("b", "long"),
        "end": probe("q", "then", "short"),
    }
    plan = plan_of(steps, {"proof": {"action": "kv.probe", "with": {"key": "b"}, "deadline": "1m"}})
    assert plan.critical_path == ("long", "then", "end")
    assert plan.forecast_s == 10 + 10 + 3 + 3


def test_holds_between_the_items_of_a_series_count_and_none_follows_the_last() -> None:
    plan = plan_of({"series": put("a", for_each=[10, 50, 100], in_order=True, hold="2m")})
    assert plan.forecast_s == 3 * 10 + 2 * 120


def test_what_is_left_out_in_this_mode_takes_no_time() -> None:
    steps = {"a": put("a"), "b": put("b", "a", only="unplanned"), "c": put("c", "b")}
    assert plan_of(steps, mode=Mode.PLANNED).forecast_s == 20
    assert plan_of(steps, mode=Mode.UNPLANNED).forecast_s == 30


def test_a_measured_duration_is_believed_before_the_actions_own() -> None:
    book = runbook({"a": put("a"), "b": put("b")})
    measured = {"a": Expected(42.0, Provenance.MEASURED, "n=3")}
    plan = compile_plan(book, scope=scope(), mode=Mode.PLANNED, catalogue=CATALOGUE, measured=measured.get)
    assert [(step.expected_s, step.provenance) for step in plan.steps] == [(42.0, "measured"), (10.0, "assumed")]


def test_the_middle_of_the_measured_durations_counts() -> None:
    assert expected_of([9.0, 1.0, 5.0]) == Expected(5.0, Provenance.MEASURED, "n=3")


@pytest.mark.parametrize("name", ["first", "step-with-hyphens"])
def test_parameters_that_read_a_steps_result_are_late_and_bind_only_in_the_run(name: str) -> None:
    read = f'${{steps."{name}".after}}' if "-" in name else f"${{steps.{name}.after}}"
    steps = {name: put("a"), "second": {"action": "kv.set", "needs": [name], "with": {"key": "b", "value": read}}}
    plan = plan_of(steps)
    assert plan.late == {"second"}
    assert (plan.steps[1].subject, plan.calls["second"]) == ("", ())


def test_an_expression_with_quotes_in_it_is_no_reason_to_refuse_a_plan() -> None:
    plan = plan_of({"a": put('${places."us-east"}')}, places={"us-east": "x"})
    assert plan.steps[0].subject == "x/value"


def test_lost_names_each_item_and_call_that_needs_the_region() -> None:
    steps: Steps = {
        "there": {"action": "kv.set", "with": {"key": "a", "value": 1, "region": "us-east-1"}},
        "here": {"action": "kv.set", "with": {"key": "b", "value": 1, "region": "us-west-2"}},
        "later": {"action": "kv.set", "only": "unplanned", "with": {"key": "c", "value": 1, "region": "us-east-1"}},
        "never": {"action": "kv.set", "only": "planned", "with": {"key": "d", "value": 1, "region": "us-east-1"}},
    }
    proof: Steps = {"proof": {"action": "kv.probe", "with": {"key": "a", "region": "us-east-1"}, "deadline": "1m"}}
    plan = plan_of(steps, proof, mode=Mode.UNPLANNED)
    needing = [(step.key, call.operation) for step, call in plan.needing("us-east-1")]
    assert needing == [("there", "PutItem"), ("later", "PutItem"), ("recovered_when.proof", "GetItem")]
    assert [step.key for step, _ in plan.needing("us-west-2")] == ["here"]


def test_a_planned_run_may_need_what_it_does_once_it_is_switched_to_unplanned() -> None:
    there = {"key": "c", "value": 1, "region": "us-east-1"}
    plan = plan_of({"later": {"action": "kv.set", "only": "unplanned", "with": there}})
    assert [step.key for step, _ in plan.needing("us-east-1")] == ["later"]


def test_steps_that_write_one_subject_may_stand_unordered_where_one_of_them_is_never_done() -> None:
    steps = {"a": put("x", only="planned"), "b": put("x", only="unplanned")}
    assert plan_of(steps, mode=Mode.UNPLANNED).steps[0].subject == "x/value"
    assert [fault.code for fault in faults_of(steps)] == ["PL09"]


def test_a_guards_calls_count_as_its_items_and_none_follows_the_last() -> None:
    guard = {"action": "kv.probe", "with": {"key": "a", "region": "us-east-1"}, "deadline": "1m"}
    plan = plan_of({"series": put("a", for_each=[1, 2], in_order=True, guard=guard)})
    needing = [(step.key, call.operation) for step, call in plan.needing("us-east-1")]
    assert needing == [("series[0]", "GetItem")]


@pytest.mark.parametrize("with_", [{"key": "${nowhere}"}, {"key": "a", "wrong": 1}])
def test_a_guard_whose_parameters_do_not_fit_is_a_fault_with_its_place(with_: dict[str, Any]) -> None:
    guard = {"action": "kv.probe", "with": with_, "deadline": "1m"}
    faults = faults_of({"series": put("a", for_each=[1, 2], in_order=True, guard=guard)})
    assert {fault.code for fault in faults} <= {"PL07", "PL08"}


def test_every_fault_is_told_at_once_with_its_line() -> None:
    lines = {("steps", "a", "with", "key"): 11, ("steps", "b"): 22, ("steps", "c", "action"): 33}
    book = runbook(
        {
            "a": {"action": "kv.set", "with": {"value": 1}},
            "b": {"action": "kv.set", "with": {"key": "${nobody}", "value": 1}},
            "c": {"action": "kv.nothing"},
        }
    )
    with pytest.raises(InvalidInput) as refused:
        compile_plan(
            book,
            scope=scope(),
            mode=Mode.PLANNED,
            catalogue=CATALOGUE,
            file="r.yaml",
            line_of=lambda path: lines.get(path, 0),
        )
    assert [(fault.line, fault.code) for fault in refused.value.faults] == [(11, "PL08"), (22, "PL07"), (33, "PL06")]
    assert str(refused.value.faults[0]).startswith("r.yaml:11  PL08  kv.set: key missing")


def test_a_hold_may_be_an_expression_and_must_be_a_duration() -> None:
    series = {"action": "kv.set", "for_each": [1, 2], "in_order": True, "with": {"key": "a", "value": 1}}
    plan = plan_of({"series": {**series, "hold": "${pause}"}}, pause="90s")
    assert [step.hold_s for step in plan.steps] == [90.0, 90.0]
    [fault] = faults_of({"series": {**series, "hold": "soon"}})
    assert fault.code == "PL10"


def test_a_title_says_which_member_it_is_for() -> None:
    plan = plan_of({"each": put("${item}", title="Set ${item}", for_each=["x", "y"])})
    assert [step.title for step in plan.steps] == ["Set x", "Set y"]


def test_a_one_way_door_and_its_reason_are_known_at_planning() -> None:
    plan = plan_of({"mail": {"action": "kv.send", "with": {"to": "bob"}}})
    assert plan.steps[0].one_way == "a letter cannot be unsent"


def test_items_survive_being_journalled() -> None:
    guard = {"action": "kv.probe", "with": {"key": "a"}, "deadline": "1m"}
    plan = plan_of({"series": put("a", for_each=[1, 2], in_order=True, guard=guard, hold="5s", when="${`true`}")})
    assert [PlannedStep.from_record(step.record()) for step in plan.steps] == list(plan.steps)


def test_equal_plans_have_equal_digests_and_another_value_another() -> None:
    assert plan_of({"a": put("a")}).sha256 == plan_of({"a": put("a")}).sha256
    assert plan_of({"a": put("a")}).sha256 != plan_of({"a": put("b")}).sha256


def test_a_digest_says_what_is_done_and_not_how_long_it_takes_nor_where_it_is_written() -> None:
    book, steps = runbook({"a": put("a")}), {"scope": scope(), "mode": Mode.PLANNED, "catalogue": CATALOGUE}
    measured = compile_plan(book, measured=lambda _: Expected(1.0, Provenance.MEASURED, "n=1"), **steps)
    moved = compile_plan(book, line_of=lambda _: 99, **steps)
    assert len({each.sha256 for each in (compile_plan(book, **steps), measured, moved)}) == 1


@pytest.mark.parametrize(
    ("when", "mode", "left_out"),
    [
        ("${primary.desktops}", Mode.PLANNED, True),
        ("${!(primary.desktops)}", Mode.PLANNED, False),
        ("${execution.mode == 'unplanned'}", Mode.PLANNED, False),
        ("${execution.mode == 'planned'}", Mode.UNPLANNED, True),
        ("${steps.b.state == 'done'}", Mode.UNPLANNED, False),
    ],
)
def test_a_condition_that_is_false_for_good_leaves_its_step_out_of_the_plan(
    when: str, mode: Mode, *, left_out: bool
) -> None:
    there = {"key": "a", "value": 1, "region": "us-east-1"}
    steps = {"a": {"action": "kv.set", "needs": ["b"], "with": there, "when": when}, "b": put("b")}
    plan = plan_of(steps, mode=mode, primary={"desktops": []})
    assert [step.key for step in plan.steps if plan.not_done(step)] == (["a"] if left_out else [])
    assert bool(list(plan.needing("us-east-1"))) is not left_out


def test_a_hold_may_be_of_its_item() -> None:
    series = {"action": "kv.set", "for_each": ["5s", "2m"], "in_order": True, "with": {"key": "a", "value": 1}}
    assert [step.hold_s for step in plan_of({"series": {**series, "hold": "${item}"}}).steps] == [5.0, 120.0]
