"""Frozen data: what a declaration gives, and what it refuses."""

from __future__ import annotations

import copy
import pickle
from typing import Any, ClassVar

import pytest

from orchestrator.model.frozen import Frozen


class Place(Frozen):
    kind: ClassVar[str] = "place"
    region: str
    share: int = 0
    notes: Any = None


class Marked(Place):
    mark: str = "none"


def test_fields_are_the_annotations_in_order_and_defaults_fill_in() -> None:
    assert vars(Place("us-east-1")) == {"region": "us-east-1", "share": 0, "notes": None}
    assert Place("us-east-1", 5, ["x"]) == Place(notes=["x"], share=5, region="us-east-1")
    assert list(vars(Place(share=1, region="us-east-1"))) == ["region", "share", "notes"]
    assert Place.__match_args__ == ("region", "share", "notes")


def test_a_subclass_adds_its_fields_at_the_end() -> None:
    assert vars(Marked("us-east-1", 1, None, "here")) == {
        "region": "us-east-1", "share": 1, "notes": None, "mark": "here",
    }  # fmt: skip
    assert Place.__match_args__ == ("region", "share", "notes")


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ((), {}),
        ((), {"share": 1}),
        (("a",), {"region": "b"}),
        (("a", 1, None, "more"), {}),
        (("a",), {"colour": "red"}),
        ((), {"share": 1, "notes": 2, "colour": "red"}),
    ],
)
def test_what_does_not_fit_the_declaration_is_a_type_error(values: tuple[Any, ...], named: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="Place takes region, share, notes"):
        Place(*values, **named)


def test_nothing_can_be_set_or_deleted() -> None:
    place = Place("us-east-1")
    with pytest.raises(AttributeError, match="region cannot be set"):
        place.region = "us-west-2"  # type: ignore[misc] # the point of it
    with pytest.raises(AttributeError, match="share cannot be deleted"):
        del place.share
    with pytest.raises(AttributeError, match="more cannot be set"):
        place.more = 1  # type: ignore[attr-defined] # the point of it
    assert vars(place) == {"region": "us-east-1", "share": 0, "notes": None}


def test_values_are_equal_by_class_and_fields_and_so_are_their_hashes() -> None:
    assert Place("a", 1) == Place("a", 1)
    assert hash(Place("a", 1)) == hash(Place("a", 1))
    assert Place("a", 1) != Place("a", 2)
    assert Place("a") != Marked("a")
    assert Place("a") != "a"
    with pytest.raises(TypeError, match="unhashable"):
        hash(Place("a", notes=[]))


def test_a_changed_copy_leaves_the_first_as_it_was() -> None:
    first = Marked("a", 1, mark="here")
    assert first.but(share=2) == Marked("a", 2, mark="here")
    assert first == Marked("a", 1, mark="here")
    with pytest.raises(TypeError, match="Marked takes"):
        first.but(colour="red")


def test_it_reads_as_it_is_written_matches_by_place_and_survives_copying() -> None:
    place = Place("a", 1, [2])
    assert repr(place) == "Place(region='a', share=1, notes=[2])"
    match place:
        case Place(region, share):
            assert (region, share) == ("a", 1)
    assert copy.deepcopy(place) == place
    assert pickle.loads(pickle.dumps(place)) == place  # noqa: S301 - our own bytes
