"""Equal seeds give equal bytes, in any process; another seed is another day, not the same day under other names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

SHORT = "./short-outage.yaml"
COUNTS = ("offered", "answered", "abandoned", "swallowed")


def export(centre: Any, scenario: str, seed: int, hash_seed: str) -> str:
    """The export of a drill run in a process of its own."""
    home = ("--home", f"home-{seed}-{hash_seed}")
    run = centre.spawned("drill", "run", scenario, "--seed", str(seed), *home, "--json", PYTHONHASHSEED=hash_seed)
    assert run.code == 0, run.err
    exported = centre.spawned("journal", "export", *home, PYTHONHASHSEED=hash_seed)
    assert exported.code == 0, exported.err
    return str(exported.out)


def what_happened_to_calls(exported: str) -> list[Any]:
    """The modelled minutes without when and where: numbers only."""
    events = map(json.loads, exported.splitlines())
    samples = [event["data"]["values"] for event in events if event["type"] == "sample" and event["data"]["modelled"]]
    return [
        [sample[count] for count in COUNTS] + [region["wait_s_mean"] for _, region in sorted(sample["regions"].items())]
        for sample in samples
    ]


def test_two_processes_with_one_seed_export_equal_bytes_whatever_their_hashes(centre: Any) -> None:
    first, second = (export(centre, SHORT, 3, hash_seed) for hash_seed in ("1", "31337"))
    assert first.count("\n") > 50
    assert first == second


def test_another_seed_differs_in_what_happened_to_calls(centre: Any, failover: Callable[..., Any]) -> None:
    centre.change("short-outage.yaml", ("calls_per_minute: 2", "calls_per_minute: 4"))
    days = []
    for seed in (3, 3, 4):
        assert failover("drill", "run", SHORT, "--seed", str(seed), "--json").code == 0
        days.append(what_happened_to_calls(failover("journal", "export").out))
    assert len(days[0]) > 1
    assert days[0] == days[1]
    assert days[0] != days[2]


def test_a_second_run_of_one_seed_sets_the_first_aside_and_equals_it(failover: Callable[..., Any]) -> None:
    for _ in range(2):
        assert failover("drill", "run", SHORT, "--json").code == 0
    listed = [each["execution"] for each in failover("list", "--json").json]
    assert len(listed) == 2
    new, old = (failover("journal", "export", execution).out for execution in sorted(set(listed), key=len))
    assert new == old


def test_a_drill_in_a_cloud_restored_for_it_exports_what_it_does_in_a_process_of_its_own(
    centre: Any, failover: Callable[..., Any]
) -> None:
    assert failover("drill", "run", "./short-move.yaml", SHORT, "--seed", "3", "--json").code == 0
    after_another = failover("journal", "export").out
    assert after_another == export(centre, SHORT, 3, "1")


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(1, 6))
def test_the_demo_exports_equal_bytes_in_two_processes(centre: Any, seed: int) -> None:
    centre.as_shipped()
    first, second = (export(centre, "region-outage", seed, hash_seed) for hash_seed in ("0", "4242"))
    assert first == second
