from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, NotRequired, TypedDict

import pytest
from botocore.session import Session

from orchestrator.model.parameters import BadParameters, Doc, Region, Rule, bind, describe, is_region, type_words


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


def _known_to_botocore(partition: str) -> set[str]:
    return {
        region
        for service in ("ec2", "connect", "sts")
        for region in Session().get_available_regions(service, partition_name=partition, allow_non_regional=False)
    }


def test_every_region_of_the_commercial_partition_is_spelt_as_one_and_no_other_partitions_is() -> None:
    commercial = _known_to_botocore("aws")
    assert len(commercial) > 30
    assert all(map(is_region, commercial))
    others = {
        region for name in Session().get_available_partitions() if name != "aws" for region in _known_to_botocore(name)
    }
    assert {"cn-north-1", "us-gov-west-1"} <= others
    assert not any(map(is_region, others))


@dataclass(frozen=True)
class Place:
    region: Region
    others: tuple[Region, ...] = ()


@pytest.mark.parametrize(
    "name",
    [
        "US-EAST-1", "us-east-1 ", "us-east-1\n", "us-east-1.", "fips-us-east-1", "us-east-1-fips", "us-esat-1",
        "us-east-\u0661", "us-east-0", "aws-global", "nowhere", "", 5, None,
    ],
)  # fmt: skip
def test_a_name_that_only_resembles_a_region_is_bound_to_no_action(name: Any) -> None:
    with pytest.raises(BadParameters) as caught:
        bind(Place, {"region": name, "others": [name]})
    assert set(caught.value.problems) == {"region", "others"}
    assert caught.value.problems["region"] == f"is {name!r}, must be a Region's name such as us-east-1"
    assert bind(Place, {"region": "us-east-1", "others": ["eu-west-2"]}) == Place(
        Region("us-east-1"), (Region("eu-west-2"),)
    )
