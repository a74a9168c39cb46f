from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.model.errors import InvalidInput
from orchestrator.runbook import tree
from orchestrator.runbook.codes import Code
from orchestrator.runbook.load import Loaded, load, read_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from orchestrator.model.errors import Fault


def faults(text: str) -> tuple[Fault, ...]:
    with pytest.raises(InvalidInput) as caught:
        load(text, "test.yaml")
    assert caught.value.faults
    return caught.value.faults


def only(text: str, code: Code) -> Fault:
    """The one fault of that code; others (missing keys) may stand beside it."""
    (found,) = [fault for fault in faults(text) if fault.code == code]
    return found


def test_the_sample_runbook_of_the_design_loads_as_printed(sample: str) -> None:
    loaded = load(sample, "runbooks/region-evacuation.yaml")
    shift = loaded.runbook.steps["shift"]
    assert loaded.runbook.objectives.rto == 1_200
    assert shift.for_each == "${execution.mode == 'planned' && stages || `[100]`}"
    assert shift.guard is not None
    assert shift.guard.with_["percent_at_least"] == 90
    assert loaded.runbook.steps["emergency-answer"].with_["value"] == "on"
    assert loaded.sha256 == hashlib.sha256(sample.encode()).hexdigest()
    assert loaded.source == sample


def test_a_path_leads_to_the_line_of_its_key_or_entry(sample: str) -> None:
    loaded, lines = load(sample, "x.yaml"), sample.splitlines()
    assert lines[loaded.lines.of(("steps", "shift", "with", "group")) - 1].strip().startswith("group: ${to.connect.tr")
    assert "needs: [destination-serves" in lines[loaded.lines.of(("steps", "shift", "needs", 2)) - 1]
    assert lines[loaded.lines.of(("steps", "agents", "with", "not-there")) - 1].strip() == "with:"
    assert loaded.lines.of(("nowhere",)) == 1


def test_every_misfit_of_a_bad_document_is_told_in_one_pass_with_its_line(
    documents: Path, expected_of: Callable[[str], list[tuple[int, str]]]
) -> None:
    text = (documents / "many-misfits.yaml").read_text()
    expected = expected_of(text)
    found = faults(text)
    assert Counter((fault.line, fault.code) for fault in found) == Counter(expected)
    assert all(fault.remedy and "\n" not in str(fault) for fault in found)


def test_a_misspelt_key_names_the_nearest(documents: Path) -> None:
    found = {fault.what: fault.remedy for fault in faults((documents / "many-misfits.yaml").read_text())}
    assert found['step "first" has no "dedline"'].startswith('did you mean "deadline"?')
    assert found['the runbook has no "titel"'].startswith('did you mean "title"?')


def test_a_key_given_twice_names_both_lines() -> None:
    fault = only("version: 1\nid: a\nid: b\n", Code.TWICE)
    assert (fault.line, fault.what) == (3, '"id" is given here and on line 2')


@pytest.mark.parametrize(
    ("text", "line", "says", "remedy"),
    [
        ("a: 1\nb: {region: ${to.region}}\n", 2, "unquoted inside {} or []", "in quotes"),
        ("a: [${x}]\n", 1, "unquoted inside {} or []", "in quotes"),
        ("a: {\n  b: x,\n  c: p-${e}\n}\n", 3, "unquoted inside {} or []", "in quotes"),
        ("a: 1\nquestion: Move all: now?\n", 2, "the value holds `: `", "quote the whole value"),
        ("a:\n- question: Move all: now?\n", 2, "the value holds `: `", "quote the whole value"),
        ("a:\n\tb: 1\n", 2, "a tab", "spaces"),
        ("a: @x\n", 1, "may not begin with @", "quote"),
        ("a: `x`\n", 1, "may not begin with `", "quote"),
        ("a: 010\n", 1, "another number", "quote"),
        ("a: 1:30\n", 1, "base sixty", "quote"),
        ("a: 1_000\n", 1, "another number", "quote"),
        ("a: .nan\n", 1, "no number", "quote"),
        ("a: 9007199254740993\n", 1, "too large to be kept exactly", "quote"),
        ("a: " + "9" * 5_000 + "\n", 1, "too large to be kept exactly", "quote"),
        ("a: 1\noff: 2\n", 2, "the key off is read by YAML as false", "quote"),
        ("a: 1\n7: 2\n", 2, "the key 7 is read by YAML as a number", "quote"),
    ],
)
def test_what_yaml_reads_otherwise_than_written_is_told(text: str, line: int, says: str, remedy: str) -> None:
    fault = only(text, Code.YAML_TRAP)
    assert fault.line == line
    assert says in fault.what
    assert remedy in fault.remedy


def test_a_switch_where_a_boolean_is_meant_is_no_trap(sample: str) -> None:
    loaded = load(sample.replace("critical: false", "critical: no"), "x.yaml")
    assert loaded.runbook.steps["agents"].critical is False


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", 0, "empty"),
        ("# nothing\n", 0, "empty"),
        ("- 1\n", 1, "no mapping"),
        ("just words\n", 1, "no mapping"),
        ("version: 1\n---\nversion: 1\n", 2, "a second document"),
        ("a: 1\nb: !!python/object/apply:os.system [ls]\n", 2, "the tag"),
        ("a: 1\nb: !secret x\n", 2, "the tag"),
        ("? [x]\n: 1\n", 1, "a key is a list"),
        ("a: 1\nb: 'x\n", 2, "quoted scalar"),
        ("a: 1\n  b: 2\n", 2, "line up"),
        ("a: 1\nb: \x07\n", 2, "U+0007"),
        ("a: \ud800\n", 0, "not Unicode"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(text: str, line: int, says: str) -> None:
    fault = only(text, Code.UNREADABLE)
    assert fault.line == line
    assert says in fault.what


def test_nothing_is_called_missing_below_the_line_where_reading_ended() -> None:
    assert [fault.code for fault in faults("version: 1\nid: a\nrun_by: [x\n")] == [Code.UNREADABLE]


class Reading:
    """Counts the events that the parser was asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.events = 0
        real = tree._events

        def counted(text: str) -> object:
            for event in real(text):
                self.events += 1
                yield event

        monkeypatch.setattr(tree, "_events", counted)


def test_five_megabytes_are_refused_before_a_word_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    reading = Reading(monkeypatch)
    (fault,) = faults("a: 1\n" * 1_000_000)
    assert (fault.code, fault.what, reading.events) == (Code.TOO_LARGE, "the file has more than 1,048,576 bytes", 0)


def test_bytes_count_and_not_characters() -> None:
    (fault,) = faults("é" * (tree.SIZE_LIMIT - 1))
    assert fault.code == Code.TOO_LARGE


def test_no_alias_is_followed_so_that_nothing_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    laughs = "a: &a [x, x]\n" + "".join(
        f"{b}: &{b} [{', '.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    reading = Reading(monkeypatch)
    found = [fault for fault in faults(laughs) if fault.code == Code.TOO_LARGE]
    assert [fault.line for fault in found] == list(range(2, 10))
    assert reading.events < 40 + laughs.count("*")


def test_aliases_count_among_the_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    reading = Reading(monkeypatch)
    found = faults("a: &a x\nb:\n" + "- *a\n" * 200_000)
    assert any("more than 100,000 entries" in fault.what for fault in found)
    assert reading.events < tree.NODE_LIMIT + 10


@pytest.mark.parametrize("text", ["*a", "*a : x\n", "a: 1\n? *a\n: x\n"])
def test_an_alias_in_the_place_of_a_key_or_of_everything_ends_the_reading(text: str) -> None:
    assert [fault.code for fault in faults(text)][-1] == Code.TOO_LARGE


def test_depth_is_refused_where_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    reading = Reading(monkeypatch)
    fault = only("a: " + "[" * 100_000, Code.TOO_LARGE)
    assert "nested more than 40 deep" in fault.what
    assert reading.events < 100


def test_depth_at_the_limit_is_read() -> None:
    inside = "[" * (tree.DEPTH_LIMIT - 2) + "]" * (tree.DEPTH_LIMIT - 2)
    assert Code.TOO_LARGE not in {fault.code for fault in faults(f"a: {inside}")}


def test_too_many_entries_are_refused_where_the_limit_is_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    reading = Reading(monkeypatch)
    fault = only("a:\n" + "- x\n" * 200_000, Code.TOO_LARGE)
    assert "more than 100,000 entries" in fault.what
    assert reading.events < tree.NODE_LIMIT + 10


def test_a_file_that_is_no_utf8_or_not_there_is_invalid_input(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes(b"title: caf\xe9\n")
    for name, says in (("latin.yaml", "no UTF-8"), ("none.yaml", "cannot be read"), (".", "cannot be read")):
        with pytest.raises(InvalidInput) as caught:
            read_file(tmp_path / name)
        assert says in caught.value.faults[0].what


def test_a_file_loads_as_its_text_does(documents: Path, sample: str) -> None:
    path = documents / "region-evacuation.yaml"
    assert read_file(path) == load(sample, str(path))


def test_a_file_over_the_limit_whose_last_character_is_cut_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    path.write_text("a" + "é" * tree.SIZE_LIMIT)
    with pytest.raises(InvalidInput) as caught:
        read_file(path)
    assert [fault.code for fault in caught.value.faults] == [Code.TOO_LARGE]


def outcome(text: str) -> Loaded | InvalidInput:
    try:
        return load(text, "fuzz.yaml")
    except InvalidInput as error:
        return error


PIECES = [
    "a",
    ":",
    " ",
    "\n",
    "- ",
    "{",
    "}",
    "[",
    "]",
    "${",
    "&x ",
    "*x",
    "!t ",
    '"',
    "'",
    "|",
    "#",
    "\t",
    "on",
    "steps:",
    "\x00",
]
KEYS = st.sampled_from(["version", "id", "steps", "with", "needs", "action", "for_each", "guard", "a", "on", "1"])
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["${item}", "5m"])
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=20
)
FUZZ = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FUZZ
@given(st.text() | st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_arbitrary_text_is_loaded_or_is_invalid_input(text: str) -> None:
    result = outcome(text)
    assert isinstance(result, InvalidInput)
    assert result.faults


@FUZZ
@given(st.dictionaries(KEYS, VALUES, max_size=6), st.booleans())
def test_arbitrary_structures_are_loaded_or_are_invalid_input(value: object, flow: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    result = outcome(yaml.safe_dump(value, default_flow_style=flow))
    assert isinstance(result, InvalidInput)
    assert result.faults


@FUZZ
@given(
    path=st.sampled_from([("steps", "shift"), ("steps", "agents"), ("parameters", "hold"), ("review",), ()]),
    key=KEYS,
    value=VALUES,
)
def test_the_sample_with_any_one_value_exchanged_is_loaded_or_has_faults_in_its_lines(
    sample: str, path: tuple[str, ...], key: str, value: object
) -> None:
    document = yaml.safe_load(sample)
    part = document
    for name in path:
        part = part[name]
    part[key] = value
    text = yaml.safe_dump(document)
    result = outcome(text)
    if isinstance(result, InvalidInput):
        assert all(0 < fault.line <= len(text.splitlines()) for fault in result.faults)


def test_what_reading_cut_off_is_no_second_fault(sample: str) -> None:
    text = sample.replace("${values(to.connect.agent_groups)}", "${to.connect.numbers[].{id: id}}").replace(
        "[K3", "[Z3"
    )
    assert [fault.code for fault in faults(text)] == [Code.WRONG_VALUE, Code.YAML_TRAP]
