"""What runs of the same tests say about what lies between them. Pure.

Laws:
- What passed without the extension passes with it installed: there is no exception.
- In an account that a simulated cloud founded it passes too, or is named in `intended.yaml` with the rule of AWS that
  it breaks.
- What is named there must be needed: it passes without, fails there, by the words it is said to fail by; and where its
  requests are amended to what AWS takes, it passes.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Outcomes: TypeAlias = "Mapping[str, tuple[str, str]]"
"""Node id → (`passed`, `failed` or `skipped`; the words of a failure)."""

_ABSENT = ("absent", "")


@dataclass(frozen=True)
class Intended:
    """A difference that is meant: the real service refuses what the test asks for."""

    test: str
    rule: str
    source: str
    words: str
    amend: str = ""


def intended(entries: Iterable[Mapping[str, Any]]) -> list[Intended]:
    """The tests of `intended.yaml`, one by one.

    Raises:
        ValueError: a test is named twice.
    """
    found = [
        Intended(test, entry["rule"], entry["source"], entry["words"], entry.get("amend", ""))
        for entry in entries
        for test in entry["tests"]
    ]
    twice = [test for test, times in Counter(each.test for each in found).items() if times > 1]
    if twice:
        raise ValueError(f"named twice: {', '.join(twice)}")
    return found


def faults(
    without: Outcomes, installed: Outcomes, founded: Outcomes, amended: Outcomes, meant: Iterable[Intended]
) -> list[str]:
    """Every reason why the extension is not as good as moto alone, in sentences; none if it is.

    Args:
        without: moto alone.
        installed: the extension is installed, and there is no simulated cloud.
        founded: as `installed`, in an account that a simulated cloud founded.
        amended: as `founded`, with lawful requests; of the tests that are to be amended.
        meant: where `founded` may differ.
    """
    named = {each.test: each for each in meant}
    return (
        [fault for _, fault in _worse(without, installed, "with it installed")]
        + [fault for test, fault in _worse(without, founded, "in a simulated cloud") if test not in named]
        + [fault for each in named.values() for fault in _unneeded(each, without, founded, amended)]
    )


def _worse(without: Outcomes, with_: Outcomes, where: str) -> Iterable[tuple[str, str]]:
    for test, (outcome, _) in sorted(without.items()):
        now = with_.get(test, _ABSENT)[0]
        if outcome == "passed" and now != "passed":
            yield test, f"{test}: passed without the extension, {now} {where}: {_first(with_, test)}"


def _unneeded(each: Intended, without: Outcomes, founded: Outcomes, amended: Outcomes) -> list[str]:
    found = []
    if without.get(each.test, _ABSENT)[0] != "passed":
        found.append(f"{each.test}: is {without.get(each.test, _ABSENT)[0]} without the extension too: name it no more")
    outcome, words = founded.get(each.test, _ABSENT)
    if outcome != "failed":
        found.append(f"{each.test}: is {outcome} in a simulated cloud: name it no more")
    elif each.words not in words:
        found.append(f"{each.test}: fails by other words than {each.words!r}: {_first(founded, each.test)}")
    if each.amend and amended.get(each.test, _ABSENT)[0] != "passed":
        found.append(
            f"{each.test}: is {amended.get(each.test, _ABSENT)[0]} with {each.amend}: {_first(amended, each.test)}"
        )
    return found


def _first(outcomes: Outcomes, test: str) -> str:
    return outcomes.get(test, _ABSENT)[1].partition("\n")[0][:200]


def place(test: str) -> str:
    """The folder of moto's tests that a node id is in: `test_route53`."""
    return test.split("/")[1]


def figures(outcomes: Outcomes, where: str) -> str:
    """`passed/failed/skipped` of one folder."""
    counts = Counter(outcome for test, (outcome, _) in outcomes.items() if place(test) == where)
    return f"{counts['passed']}/{counts['failed']}/{counts['skipped']}"


def totals(outcomes: Outcomes) -> str:
    """What became of all tests of a run, in words."""
    counts = Counter(outcome for outcome, _ in outcomes.values())
    return f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped"
