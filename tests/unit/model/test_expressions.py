from __future__ import annotations

import contextlib
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jmespath.functions import Functions

from orchestrator.model import inference, inventory
from orchestrator.model.expressions import (
    EXPRESSION_LIMIT,
    ExpressionError,
    check,
    holds,
    names,
    parse,
    resolve,
    steps_used,
)
from orchestrator.model.shapes import (
    BOOLEAN,
    DURATION,
    NUMBER,
    TEXT,
    UNKNOWN,
    ListOf,
    Members,
    Record,
    Scalar,
    Shape,
    words,
)

SCOPE: dict[str, Any] = {
    "to": {"region": "us-west-2", "connect": {"queues": {"general": {"id": "q-1", "max_contacts": 5}}, "numbers": []}},
    "stages": [10, 50, 100],
    "hold": "2m",
    "share": 0.5,
    "empty": "",
    "zero": 0,
    "execution": {"mode": "planned"},
    "steps": {"shift-voice": {"output": {"moved": 3}, "state": "done"}},
}
SIDES = inventory.types()
STEP = Record("step", {"output": Members(UNKNOWN), "state": Scalar("text", ("done", "failed"))})
SHAPES: dict[str, Shape] = {
    **SIDES,
    "to": SIDES["primary"],
    "stages": ListOf(NUMBER),
    "hold": DURATION,
    "execution": Record("execution", {"mode": Scalar("text", ("planned", "unplanned"))}),
    "steps": Record("steps", {"shift-voice": STEP}),
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("", ""),
        ("${stages}", [10, 50, 100]),
        ("${stages[0]}", 10),
        ("at ${stages[0]} % of ${to.region}", "at 10 % of us-west-2"),
        ("${share}${to.region}", "0.5us-west-2"),
        ("is it ${execution.mode == 'planned'}?", "is it true?"),
        ("${execution.mode == 'planned' && stages || `[100]`}", [10, 50, 100]),
        ("${execution.mode == 'unplanned' && stages || `[100]`}", [100]),
        ("${{a: to.region, b: {c: hold}}}", {"a": "us-west-2", "b": {"c": "2m"}}),
        ("${to.connect.queues.{g: general.id}} ".strip(), {"g": "q-1"}),
        ("${'}'}-${'${'}", "}-${"),
        ('${`{"a": "}"}`.a}', "}"),
        ("${'it\\'s }'}", "it's }"),
        ('${steps."shift-voice".output.moved}', 3),
        ("${values(to.connect.queues)[?max_contacts > `3`].id}", ["q-1"]),
        ("$ {x} $x }", "$ {x} $x }"),
        ("${empty}", ""),
    ],
)
def test_an_expression_alone_keeps_its_type_and_is_text_within_text(text: str, value: object) -> None:
    assert resolve(text, SCOPE) == value


def test_expressions_are_resolved_however_deep() -> None:
    given_value = {"a": ["${stages[1]}", {"b": "x-${hold}"}], "c": 7, "d": None}
    assert resolve(given_value, SCOPE) == {"a": [50, {"b": "x-2m"}], "c": 7, "d": None}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("${to.connect.queues.sales.id}", "is null: to.connect.queues has no 'sales'; known: general"),
        ("${nothing}", "is null: there is no 'nothing'"),
        ("${to.connect.numbers[0].arn}", "is null"),
        ("x ${to.connect.numbers[0]}", "is null"),
        ("x ${stages}", "is a list inside a text"),
        ("x ${to.connect}", "is a mapping inside a text"),
        ("${length(zero)}", "cannot be computed"),
        ("${to.region < zero}", "cannot be computed"),
        ("${nosuch(to)}", "cannot be computed"),
        ("${stages[::0]}", "cannot be computed"),
        ("${a", "lacks its closing brace"),
        ("${'a}", "has a ' that is not closed"),
        ("${}", "is empty"),
        ("${to..x}", "is no JMESPath: unexpected '.' at column 4"),
        ("${to.}", "is no JMESPath"),
        ("${a #b}", "is no JMESPath"),
        ("${" + "a" * EXPRESSION_LIMIT + "b}", "is longer than"),
        ("${" + "!" * 900 + "a}", "is nested too deeply"),
        ("${" + "!" * 50 + "a}", "is nested too deeply"),
        ("${`" + "[" * 450 + "]" * 450 + "`}", "is nested too deeply"),
    ],
)
def test_what_has_no_value_is_an_error_that_names_the_expression(text: str, says: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        resolve(text, SCOPE)
    assert says in str(caught.value)
    assert str(caught.value).startswith("${")


@given(st.text(alphabet="${}'\"`\\[]().a-b|&!@*?:, #1", max_size=60))
def test_any_text_resolves_or_is_an_expression_error(text: str) -> None:
    # Also what static checking says of it is never an exception.
    told = check(text, SHAPES).problems
    try:
        parse(text)
    except ExpressionError:
        assert [problem.kind for problem in told] == ["syntax"]
        with pytest.raises(ExpressionError):
            resolve(text, SCOPE)
    else:
        assert "syntax" not in {problem.kind for problem in told}
        with contextlib.suppress(ExpressionError):
            assert resolve(text, SCOPE) is not None


def test_functions_within_functions_are_walked_once_each() -> None:
    inside = "stages"
    for _ in range(40):  # two walks a level would be 2**40
        inside = f"sort_by({inside},&@)"
    assert check(f"${{{inside}}}", SHAPES).shape == ListOf(NUMBER)


def test_a_condition_is_true_as_jmespath_has_it() -> None:
    false = ["${nothing}", "${empty}", "${to.connect.numbers}", "${execution.mode == 'x'}", "${`{}`}"]
    true = ["${zero}", "${to}", "${stages}", "${execution.mode == 'planned'}"]
    assert [holds(each, SCOPE) for each in false] == [False] * len(false)
    assert [holds(each, SCOPE) for each in true] == [True] * len(true)
    with pytest.raises(ExpressionError):
        holds("${zero} and more", SCOPE)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("no", set()),
        ("${to.region} ${item}", {"to", "item"}),
        ("${execution.mode == 'planned' && stages || `[100]`}", {"execution", "stages"}),
        ("${sort_by(values(to.connect.queues), &id)[0].hours_id}", {"to"}),
        ("${values(to.connect.queues)[?id == hold]}", {"to"}),
        ("${{a: x, b: [y, !z]}}", {"x", "y", "z"}),
        ("${stages | [0]}", {"stages"}),
        ("${to.numbers[].arn | join(', ', @)}", {"to"}),
        ("${(to).region}", {"to"}),
    ],
)
def test_only_names_read_from_the_root_count(text: str, found: set[str]) -> None:
    assert names(text) == found


def test_steps_used_are_the_ids_under_steps_in_every_part() -> None:
    text = (
        '${steps."shift-voice".output.x[0]} ${length(steps.a.output) > `1` && steps.b} ${steps.c[0]} ${steps.d | @.x}'
    )
    assert steps_used(text) == {"shift-voice", "a", "b", "c", "d"}
    assert steps_used("${to.steps.x}") == set()


def test_a_text_is_taken_apart_once() -> None:
    assert parse("a ${to.region}") is parse("a ${to.region}")


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("plain", TEXT),
        ("${to.region} x", TEXT),
        ("${to.region}", TEXT),
        ("${to.connect.queues.general.max_contacts}", NUMBER),
        ("${stages}", ListOf(NUMBER)),
        ("${execution.mode == 'planned' && stages || `[100]`}", ListOf(NUMBER)),
        ("${values(to.connect.queues)[].id}", ListOf(TEXT)),
        ("${values(to.connect.queues)[?max_contacts > `3`].id | [0]}", TEXT),
        ("${to.connect.numbers[*].priority}", ListOf(NUMBER)),
        ("${to.connect.queues.*.id}", ListOf(TEXT)),
        ("${keys(global.records)}", ListOf(TEXT)),
        ("${join(', ', keys(to.topics))}", TEXT),
        ("${max_by(to.connect.numbers, &priority).arn}", TEXT),
        ("${map(&priority, to.connect.numbers)}", ListOf(NUMBER)),
        ('${merge(`{"a": 1}`, {b: hold}).b}', DURATION),
        ("${stages[:1]}", ListOf(NUMBER)),
        ("${!stages}", BOOLEAN),
        ("${hold}", DURATION),
        ('${steps."shift-voice".output.anything.at.all}', UNKNOWN),
        ("${[to.region, hold]}", ListOf(UNKNOWN)),
    ],
)
def test_the_shape_of_a_sound_expression_is_known(text: str, shape: Shape) -> None:
    checked = check(text, SHAPES)
    assert checked.problems == ()
    assert checked.shape == shape


@pytest.mark.parametrize(
    ("text", "kind", "says"),
    [
        ("${to.connect.instnce_id}", "name", 'did you mean "instance_id"?'),
        ("${too.region}", "name", 'did you mean "to"?'),
        ("${from.region}", "name", "type: environment"),
        ("${values(to.connect.queues)[0].idd}", "name", 'did you mean "id"?'),
        ("${values(to.connect.queues)[?idd == 'x']}", "name", 'did you mean "id"?'),
        ("${sort_by(to.connect.numbers, &priorty)}", "name", 'did you mean "priority"?'),
        ('${steps."shift-voice".outptu}', "name", 'did you mean "output"?'),
        ('${steps."shift-vioce".output}', "name", 'did you mean "shift-voice"?'),
        ("${execution.mode == 'planed'}", "name", 'did you mean "planned"?'),
        ("${leng(to)}", "name", 'did you mean "length"?'),
        ("${stages == true}", "name", "`true`"),
        ("${steps.shift-voice.output}", "syntax", 'steps."shift-voice"'),
        ("${to.region.name}", "type", "which has no keys"),
        ("${to.connect.numbers.arn}", "type", "[0].arn"),
        ("${to.connect.queues[0]}", "type", "values(...)"),
        ("${to.region > `1`}", "type", "compared with a number"),
        ("${stages > `1`}", "type", "has no order"),
        ("${length(to.connect.numbers[0].priority)}", "type", "length() takes"),
        ("${length(to, to)}", "type", "takes 1 arguments, not 2"),
        ("${sum(keys(to))}", "type", "sum() takes array-number, not a list of text"),
        ("${sort_by(stages, stages)}", "type", "takes expref as argument 2"),
        ("${keys(steps)}", "type", "steps stands alone"),
        ("${@}", "type", "everything at once"),
        ("${*.region}", "type", "everything at once"),
        ("to ${to.connect}", "type", "inside a text"),
        ("${to.region", "syntax", "closing brace"),
    ],
)
def test_what_could_not_work_is_told_before_it_runs(text: str, kind: str, says: str) -> None:
    problems = check(text, SHAPES).problems
    assert [problem.kind for problem in problems] == [kind]
    assert says in f"{problems[0].what} {problems[0].remedy}"


def test_all_problems_of_a_text_are_told() -> None:
    problems = check("${to.regoin} and ${to.acount == item}", SHAPES).problems
    assert [problem.what for problem in problems] == [
        '${to.regoin}: "regoin" is no key of environment',
        '${to.acount == item}: "acount" is no key of environment',
        '${to.acount == item}: nothing here is called "item"',
    ]


def test_every_function_of_the_library_has_a_result_shape() -> None:
    assert set(inference._RESULT) == set(Functions.FUNCTION_TABLE)


def test_the_inventorys_shapes_follow_its_model() -> None:
    side = SIDES["primary"]
    assert isinstance(side, Record)
    assert set(side.fields) == set(inventory.Environment.model_fields)
    assert side.fields["role"] == Scalar("text", ("primary", "standby"))
    assert words(side.fields["bots"]) == "a mapping of names to a mapping (bot)"


def test_reading_expressions_does_not_load_pydantic() -> None:
    code = "import sys, orchestrator.model.expressions; sys.exit('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 - our own interpreter
