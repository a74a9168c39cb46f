from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, NotRequired, TypedDict

import pytest

from orchestrator.model.parameters import BadParameters, Doc, Rule, bind, describe, type_words


class Metric(TypedDict):
    namespace: Annotated[str, Doc("where it lies")]
    name: str
    period: NotRequired[int]


def _odd(number: int) -> str:
    return "" if number % 2 else f"is {number}, must be odd"


def _enough(number: int, names: list[str]) -> str:
    return "" if number <= len(names) else f"is {number}, more than there are names"


@dataclass(frozen=True)
class Params:
    metric: Annotated[Metric, Doc("a lever")]
    labels: dict[str, str] = field(default_factory=dict)
    names: list[str] = field(default_factory=lambda: ["one"])
    number: int = 1
    rules: ClassVar[tuple[Rule, ...]] = (Rule(_odd, "number"), Rule(_enough, "number", "names"))


METRIC = {"namespace": "n", "name": "m"}


def problems(**given: Any) -> dict[str, str]:
    with pytest.raises(BadParameters) as caught:
        bind(Params, given)
    return caught.value.problems


def test_a_mapping_without_its_keys_is_refused_by_their_names() -> None:
    assert problems(metric={"nam": "x"}) == {"metric": "lacks namespace, name"}
    assert problems(metric={"namespace": "n", "name": 5}) == {"metric": "has a wrong name: it is 5, must be text"}
    assert problems(metric="m") == {"metric": "is 'm', must be a mapping of namespace, name, period"}
    assert problems(metric=METRIC, labels={"a": 5}) == {"labels": "has a wrong a: it is 5, must be text"}


def test_an_action_sees_the_keys_that_it_declared_and_no_others() -> None:
    assert bind(Params, {"metric": {**METRIC, "more": 1}}).metric == METRIC
    assert bind(Params, {"metric": {**METRIC, "period": 60}}).metric == {**METRIC, "period": 60}


def test_a_rule_is_held_by_given_values_and_by_defaults() -> None:
    assert bind(Params, {"metric": METRIC, "number": 3, "names": ["a", "b", "c"]}).number == 3
    assert problems(metric=METRIC, number=2) == {"number": "is 2, must be odd"}
    assert problems(metric=METRIC, number=3) == {"number": "is 3, more than there are names"}


def test_a_rule_is_not_asked_of_what_is_wrong_already() -> None:
    assert problems(metric=METRIC, names="a") == {"names": "is 'a', must be a list"}
    assert problems(metric={}, number=4) == {"metric": "lacks namespace, name", "number": "is 4, must be odd"}


def test_types_and_defaults_are_shown_to_people() -> None:
    shown = {each.name: (each.type_name, each.required, each.default) for each in describe(Params)}
    assert shown == {
        "metric": ("mapping of namespace, name, period", True, None),
        "labels": ("mapping", False, {}),
        "names": ("list of text", False, ["one"]),
        "number": ("integer", False, 1),
    }
    assert type_words(dict) == "mapping"
