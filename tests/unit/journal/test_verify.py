"""Any change to an export is found, and found where it is."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.journal.chain import Chain, body_of, encode, line_of, seal
from orchestrator.journal.verify import verify
from orchestrator.model.errors import ChainBroken
from orchestrator.model.events import (
    Event,
    ExecutionMoved,
    GateAnswered,
    LeaseReleased,
    Sample,
    StepBefore,
    StepSettled,
    StepStarted,
)

AT = "2026-11-22T02:35:48.123Z"
PAYLOADS = (
    ExecutionMoved("running"),
    StepStarted("ansage[0]"),
    StepBefore("ansage[0]", "flag:greeting", {"text": "Grüße, \N{SNOWMAN}\t\x01", "share": 0.25, "n": [1, -2, None]}),
    GateAnswered("declare", "approved", "duty", 'said "go"'),
    Sample("calls", {"offered": 20, "answered": 19, "nested": {"a": True}}, modelled=True),
    StepSettled("ansage[0]", "done", after={"us-west-2": 100}),
    ExecutionMoved("recovered"),
    LeaseReleased(1),
)
_CHAIN = Chain("an-execution")
EVENTS = [_CHAIN.next(payload, at=AT, actor="runner") for payload in PAYLOADS]
LINES = [encode(event) for event in EVENTS]
EXPORT = b"".join(LINES)


def broken_by(export: bytes) -> ChainBroken:
    with pytest.raises(ChainBroken) as broken:
        verify(BytesIO(export))
    return broken.value


def test_an_untouched_export_verifies() -> None:
    found = verify(BytesIO(EXPORT))
    assert (found.execution, found.events, found.head) == ("an-execution", len(EVENTS), EVENTS[-1].hash)


@pytest.mark.parametrize(
    ("states", "ended"),
    [
        (("running",), False),
        (("running", "recovered"), True),
        (("running", "recovered", "undoing"), False),
        (("running", "recovered", "undoing", "undone"), True),
    ],
)
def test_whether_it_has_ended_is_what_the_last_state_says(states: tuple[str, ...], ended: bool) -> None:  # noqa: FBT001 - an expectation
    chain = Chain("an-execution")
    lines = [encode(chain.next(ExecutionMoved(state), at=AT, actor="runner")) for state in states]
    lines.append(encode(chain.next(LeaseReleased(1), at=AT, actor="runner")))
    assert verify(lines).ended is ended


def test_every_byte_flipped_is_found_on_its_line() -> None:
    for place in range(len(EXPORT)):
        changed = bytearray(EXPORT)
        changed[place] ^= 1
        assert broken_by(bytes(changed)).line == 1 + EXPORT[:place].count(b"\n"), f"byte {place}"


@settings(deadline=None, max_examples=1_000)
@given(place=st.integers(0, len(EXPORT) - 1), other=st.integers(1, 255))
def test_any_byte_changed_to_any_other_is_found_on_its_line(place: int, other: int) -> None:
    changed = bytearray(EXPORT)
    changed[place] ^= other
    broken = broken_by(bytes(changed))
    assert broken.line == 1 + EXPORT[:place].count(b"\n")
    assert broken.seq == broken.line - 1


@settings(deadline=None, max_examples=300)
@given(place=st.integers(0, len(EXPORT) - 1))
def test_any_byte_cut_out_is_found_on_its_line(place: int) -> None:
    assert broken_by(EXPORT[:place] + EXPORT[place + 1 :]).line == 1 + EXPORT[:place].count(b"\n")


@settings(deadline=None, max_examples=300)
@given(place=st.integers(0, len(EXPORT)), byte=st.binary(min_size=1, max_size=1))
def test_any_byte_put_in_is_found_at_the_line_it_spoils(place: int, byte: bytes) -> None:
    changed = EXPORT[:place] + byte + EXPORT[place:]
    spoilt = next(n for n, line in enumerate(BytesIO(changed), 1) if n > len(LINES) or line != LINES[n - 1])
    assert broken_by(changed).line == spoilt


PARTS = ["actor", "at", "data", "execution", "hash", "prev", "seq", "type"]


@pytest.mark.parametrize("line", [1, 3, len(LINES)])
@pytest.mark.parametrize("part", PARTS)
def test_any_byte_of_any_part_of_an_event_changed_to_any_other_is_found_on_its_line(part: str, line: int) -> None:
    text = LINES[line - 1]
    begin = text.index(f'"{part}":'.encode())
    ends = [text.index(f'"{later}":'.encode()) for later in PARTS if f'"{later}":'.encode() in text[begin + 1 :]]
    end = min((each for each in ends if each > begin), default=len(text))
    before = sum(map(len, LINES[: line - 1]))
    for place in range(begin, end):
        for other in (ord("0"), ord("9"), ord("a"), ord("f"), ord("F"), ord(" "), ord("}"), 0, 0xEF):
            if other != text[place]:
                changed = bytearray(EXPORT)
                changed[before + place] = other
                assert broken_by(bytes(changed)).line == line, (part, place, other)


@pytest.mark.parametrize("line", [1, 2, len(LINES)])
@pytest.mark.parametrize(
    ("spoil", "kept"),
    [
        pytest.param(lambda text: text.replace(b"\n", b"\r\n"), "is not in canonical form", id="CRLF"),
        pytest.param(lambda text: b"\xef\xbb\xbf" + text, "is not JSON", id="BOM"),
        pytest.param(lambda text: b" " + text, "is not in canonical form", id="blank before"),
        pytest.param(lambda text: text.replace(b"\n", b" \n"), "is not in canonical form", id="blank after"),
        pytest.param(lambda text: text.replace(b'"seq":', b'"seq": '), "is not in canonical form", id="blank within"),
        pytest.param(lambda text: b"\n" + text, "is not JSON", id="empty line"),
        pytest.param(lambda text: text[:-1] + b"\x00\n", "is not JSON", id="NUL"),
        pytest.param(lambda text: text.replace(b'"seq":', b'"seq":0'), "", id="leading zero"),
        pytest.param(lambda text: text[:-2] + b',"more":1}\n', "", id="another key"),
        pytest.param(lambda text: text[:-2] + b',"seq":0}\n', "", id="a key twice"),
    ],
)  # fmt: skip
def test_what_says_the_same_to_a_lenient_reader_is_found_all_the_same(line: int, spoil: Any, kept: str) -> None:
    spoilt = [*LINES[: line - 1], spoil(LINES[line - 1]), *LINES[line:]]
    broken = broken_by(b"".join(spoilt))
    assert (broken.line, broken.seq) == (line, line - 1)
    assert kept in str(broken)


def test_an_export_with_other_line_ends_throughout_is_found_at_its_first_line() -> None:
    assert broken_by(EXPORT.replace(b"\n", b"\r\n")).line == 1
    assert broken_by(EXPORT.replace(b"\n", b"\r")).line == 1
    assert broken_by(EXPORT + b"\n").line == len(LINES) + 1


@pytest.mark.parametrize("gone", range(len(LINES) - 1))
def test_a_removed_line_is_missed_where_it_stood(gone: int) -> None:
    broken = broken_by(b"".join(LINES[:gone] + LINES[gone + 1 :]))
    assert (broken.seq, broken.line) == (gone, gone + 1)
    assert f"event {gone + 1} stands where event {gone} belongs" in str(broken)


@pytest.mark.parametrize("first", range(len(LINES) - 1))
def test_two_swapped_lines_are_found_at_the_first(first: int) -> None:
    swapped = [*LINES[:first], LINES[first + 1], LINES[first], *LINES[first + 2 :]]
    broken = broken_by(b"".join(swapped))
    assert (broken.seq, broken.line) == (first, first + 1)


def test_a_repeated_line_is_found_at_its_second_place() -> None:
    broken = broken_by(b"".join([*LINES[:3], LINES[2], *LINES[3:]]))
    assert (broken.seq, broken.line) == (3, 4)


@pytest.mark.parametrize("kept", [1, 40, len(LINES[5]) - 1])
def test_a_torn_tail_is_reported_with_its_line_and_the_last_whole_event(kept: int) -> None:
    broken = broken_by(b"".join(LINES[:5]) + LINES[5][:kept])
    assert (broken.seq, broken.line) == (5, 6)
    assert "torn tail after event 4" in str(broken)


def test_a_first_event_that_is_torn_leaves_nothing() -> None:
    broken = broken_by(LINES[0][:50])
    assert (broken.seq, broken.line) == (0, 1)
    assert "torn tail" in str(broken)


def test_an_empty_export_proves_nothing() -> None:
    broken = broken_by(b"")
    assert "no event" in str(broken)


def test_a_resealed_event_does_not_fit_the_one_after_it() -> None:
    # Somebody who changes an event and computes its hash anew must do so to the end, which changes the head.
    changed = seal(Event(3, "an-execution", AT, "runner", GateAnswered("declare", "approved", "me"), EVENTS[3].prev))
    broken = broken_by(b"".join([*LINES[:3], encode(changed), *LINES[4:]]))
    assert (broken.seq, broken.line) == (4, 5)
    assert "does not follow" in str(broken)


def test_a_first_event_must_not_name_one_before_it() -> None:
    first = seal(Event(0, "an-execution", AT, "runner", PAYLOADS[0], EVENTS[0].hash))
    assert "does not follow" in str(broken_by(encode(first)))


def test_another_executions_event_is_found_even_if_it_links() -> None:
    stranger = seal(Event(1, "another", AT, "runner", PAYLOADS[1], EVENTS[0].hash))
    broken = broken_by(LINES[0] + encode(stranger))
    assert (broken.seq, broken.line) == (1, 2)
    assert "another" in str(broken)


def test_an_event_type_that_nobody_knows_is_a_break() -> None:
    event = EVENTS[1]
    invented = rfc8785.dumps({**body_of(event), "type": "step.invented"})
    from_elsewhere = line_of(invented, sha256(invented).hexdigest())
    broken = broken_by(LINES[0] + from_elsewhere)
    assert (broken.seq, broken.line) == (1, 2)
    assert "unknown type 'step.invented'" in str(broken)
