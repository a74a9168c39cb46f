"""Sealing, canonical form, and the way back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.journal.chain import Chain, Sealed, Unrecordable, body_of, decode, encode, reopen, seal, sealed
from orchestrator.model.errors import ChainBroken
from orchestrator.model.events import PAYLOADS, Event, ExecutionMoved, Payload, Sample, StepBefore, StepStarted

AT = "2026-11-22T02:35:48.123Z"

TEXT = st.text(max_size=20)
WHOLE = st.integers(-(2**53) + 1, 2**53 - 1)
JSON = st.recursive(
    st.none() | st.booleans() | WHOLE | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
BY_ANNOTATION = {
    "str": TEXT,
    "bool": st.booleans(),
    "int": WHOLE,
    "int | None": st.none() | WHOLE,
    "float | None": st.none() | st.floats(allow_nan=False, allow_infinity=False),
    "Json": JSON,
    "Mapping[str, str]": st.dictionaries(TEXT, TEXT, max_size=3),
    "Mapping[str, Json]": st.dictionaries(TEXT, JSON, max_size=3),
    "tuple[str, ...]": st.lists(TEXT, max_size=3).map(tuple),
    "tuple[Json, ...]": st.lists(JSON, max_size=3).map(tuple),
}


def payloads(cls: type[Payload]) -> st.SearchStrategy[Payload]:
    """Any payload of the class. An annotation that is new here is a KeyError."""
    return st.builds(cls, **{field: BY_ANNOTATION[cls.__annotations__[field]] for field in cls.__match_args__})


def event(payload: Payload) -> Event:
    return Event(3, "an-execution", AT, "runner", payload, "ab" * 32)


@pytest.mark.parametrize("cls", PAYLOADS.values(), ids=PAYLOADS.keys())
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_every_payload_comes_back_from_its_line_as_it_was(cls: type[Payload], data: st.DataObject) -> None:
    own = seal(event(data.draw(payloads(cls))))
    back = decode(encode(own))
    assert back == own
    assert type(back.payload) is cls
    assert [type(value) for value in vars(back.payload).values() if isinstance(value, tuple)] == [
        type(value) for value in vars(own.payload).values() if isinstance(value, tuple)
    ]
    assert encode(back) == encode(own)
    assert reopen(own.body, own.hash) == own


@settings(deadline=None)
@given(
    st.sampled_from(sorted(PAYLOADS)).flatmap(lambda name: payloads(PAYLOADS[name])),
    TEXT,
    TEXT,
    st.integers(0, 10**6),
)
def test_the_chain_seals_as_the_library_would(payload: Payload, execution: str, actor: str, seq: int) -> None:
    own = Chain(execution, seq, "cd" * 32).next(payload, at=AT, actor=actor)
    assert isinstance(own, Sealed)
    assert own.body == rfc8785.dumps(body_of(own))
    assert own.hash == sha256(own.body).hexdigest()
    assert own == seal(own)
    whole = {**json.loads(own.body), "hash": own.hash}
    assert json.loads(encode(own)) == whole
    assert list(json.loads(encode(own))) == sorted(whole)


def test_the_line_of_a_known_event_does_not_change_from_release_to_release() -> None:
    own = Chain("an-execution").next(StepStarted("shift[0]"), at=AT, actor="runner")
    # The hash was computed by sha256sum over the line without it.
    assert encode(own) == (
        b'{"actor":"runner","at":"2026-11-22T02:35:48.123Z","data":{"attempt":1,"step":"shift[0]"},'
        b'"execution":"an-execution","hash":"cfb87df3db9c4617c3ab60659a2ca2ce47df3c669e994f4fa05636ddb515c36a",'
        b'"prev":"","seq":0,"type":"step.started"}\n'
    )


def test_each_event_names_the_hash_of_the_one_before_and_the_first_names_none() -> None:
    chain = Chain("an-execution")
    events = [chain.next(StepStarted(f"step[{number}]"), at=AT, actor="runner") for number in range(3)]
    assert [each.seq for each in events] == [0, 1, 2]
    assert [each.prev for each in events] == ["", events[0].hash, events[1].hash]
    assert (chain.seq, chain.prev) == (3, events[2].hash)


def test_a_chain_continues_from_a_journals_head() -> None:
    chain = Chain("an-execution")
    first = chain.next(StepStarted("declare"), at=AT, actor="runner")
    again = Chain.after("an-execution", (first.seq, first.hash))
    assert again.next(StepStarted("shift"), at=AT, actor="runner") == chain.next(
        StepStarted("shift"), at=AT, actor="runner"
    )
    assert Chain.after("an-execution", None).seq == 0


def test_data_that_looks_like_the_envelope_does_not_confuse_the_line() -> None:
    tricky = {"prev": "x", "hash": "y", "seq": 9, "text": ',"prev":"z","seq":1'}
    own = seal(event(StepBefore('a,"prev":"b', ',"prev":"', tricky)))
    assert decode(encode(own)) == own


@pytest.mark.parametrize(
    ("value", "place", "why"),
    [
        ({"when": datetime(2026, 11, 22, tzinfo=UTC)}, "data.value.when", "datetime"),
        ([1, {"n": 2**53}], "data.value.1.n", "9007199254740992"),
        (float("nan"), "data.value", "nan"),
        ({"deep": [float("inf")]}, "data.value.deep.0", "inf"),
        ({"members": {"a"}}, "data.value.members", "set"),
        ({1: "one"}, "data.value", "keys must be strings"),
        ("\ud800", "data.value", "non-UTF-8"),
        ({"\ud800": 1}, "data.value", "surrogates"),
        (b"bytes", "data.value", "bytes"),
    ],
)
def test_what_json_cannot_carry_is_refused_with_its_place_and_the_chain_stays(
    value: object, place: str, why: str
) -> None:
    chain = Chain("an-execution")
    with pytest.raises(Unrecordable) as refused:
        chain.next(StepBefore("shift[0]", "subject", value), at=AT, actor="runner")
    assert refused.value.place == place
    assert why in str(refused.value)
    assert "step.before" in str(refused.value)
    assert (chain.seq, chain.prev) == (0, "")
    with pytest.raises(Unrecordable, match=r"event\.data\.value"):
        seal(event(StepBefore("shift[0]", "subject", value)))


def test_a_value_nested_too_deeply_is_refused() -> None:
    value: list[object] = []
    for _ in range(5_000):
        value = [value]
    with pytest.raises(Unrecordable, match="too deeply"):
        Chain("an-execution").next(Sample("deep", {"value": value}), at=AT, actor="runner")


def test_an_actor_who_cannot_be_written_down_is_refused() -> None:
    with pytest.raises(Unrecordable, match="envelope"):
        Chain("an-execution").next(StepStarted("declare"), at=AT, actor="\udcff")


@pytest.mark.parametrize("number", [1e16, 1.5e20, 2.0**53, 1e21, 5e-324, -0.0, 1.0, 0.1, 1.7976931348623157e308])
def test_numbers_keep_their_value_and_their_line(number: float) -> None:
    own = seal(event(Sample("n", {"n": number})))
    back = decode(encode(own))
    assert isinstance(back.payload, Sample)
    assert back.payload.values["n"] == number
    assert encode(seal(back)) == encode(own)


def test_an_event_that_carries_no_bytes_is_sealed_only_if_its_hash_is_right() -> None:
    own = seal(event(StepStarted("declare")))
    plain = Event(own.seq, own.execution, own.at, own.actor, own.payload, own.prev, own.hash)
    assert sealed(own) is own
    assert sealed(plain) == own
    assert encode(plain) == encode(own)
    with pytest.raises(ChainBroken, match="event 3"):
        sealed(event(StepStarted("declare")))


def forged(**changes: object) -> bytes:
    """A line whose hash is right, whatever it says."""
    body = {**body_of(event(ExecutionMoved("running"))), **changes}
    return rfc8785.dumps({**body, "hash": sha256(rfc8785.dumps(body)).hexdigest()}) + b"\n"


def test_a_forged_line_without_changes_would_pass() -> None:
    assert decode(forged()).payload == ExecutionMoved("running")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"", "not JSON"),
        (b"[]\n", "not a JSON object"),
        (b"[" * 100_000, "nested too deeply"),
        (b"\xff\n", "not JSON"),
        (b"{}\n", "has no hash"),
        (forged(type="step.invented"), "unknown type 'step.invented'"),
        (forged(data={"state": "running", "colour": "red"}), "does not fit execution.state"),
        (forged(data={}), "does not fit execution.state"),
        (forged(data=None), "does not fit execution.state"),
        (forged(data=["running"]), "does not fit execution.state"),
        (forged(extra=1), "exactly the keys"),
        (forged(seq=True), "wrong types"),
        (forged(actor=None), "wrong types"),
        (forged().replace(b'"seq":3', b'"seq": 3'), "not in canonical form"),
        (forged().replace(b'"seq":3', b'"seq":3,"seq":3'), "not in canonical form"),
        (forged().replace(b"running", b"r\\u0075nning"), "not in canonical form"),
        (forged().replace(b'"seq":3', b'"seq":3.0'), "not in canonical form"),
        (forged() + b"\n", "not in canonical form"),
        (forged().replace(b"running", b"aborted"), "does not match its hash"),
        (forged().replace(b'"seq":3', b'"seq":NaN'), "nan"),
    ],
)
def test_a_line_that_is_not_exactly_an_events_is_refused_in_words(line: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        decode(line)


def test_an_event_of_an_older_release_keeps_its_bytes_and_its_hash() -> None:
    # A field that got a default later is missing in what was written before.
    older = forged(data={"state": "running"})
    back = decode(older)
    assert back.payload == ExecutionMoved("running", reason="")
    assert encode(back) == older
