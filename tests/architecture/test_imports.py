"""Who may know whom: the contracts of pyproject.toml, no circle by any count, and the few places of heavy libraries.

The graph holds every import there is, also those inside functions and under TYPE_CHECKING.
"""

from __future__ import annotations

from pathlib import Path

import grimp
import networkx as nx
import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[2]
OURS = ("orchestrator", "drills", "stacks")

ONLY_IN = {
    "boto3": {
        "orchestrator.cloud.door": "the one door",
        "drills.simulator.functions": "gives deployed Lambda code its own session on the simulated cloud",
        "drills.simulator.runtime": "stands in for the boto3 that Lambda code imports",
    },
    "botocore": {
        "orchestrator.cloud.door": "the one door",
        "orchestrator.cloud.faults": "sorts what botocore raises",
        "drills.simulator": "has service models parsed once for moto and the door",
        "drills.simulator.inbound": "turns requests that came over HTTP into botocore's form",
        "drills.simulator.network": "raises what a dead endpoint makes botocore raise",
        "drills.simulator.wire": "reads requests and writes answers in botocore's forms",
        "drills.simulator.provision": "tells AWS's refusals from our own faults",
    },
    "networkx": {"orchestrator.engine.plan": "the one graph"},
    "pydantic": {
        "orchestrator.model.runbook": "a document",
        "orchestrator.model.inventory": "a document",
        "drills.scenario": "a document, ADR 0007",
    },
    "rich": {
        "orchestrator.cli.live": "the live screen",
        "orchestrator.cli.output": "the one console",
        "orchestrator.report.live": "what the live screen shows",
        "orchestrator.report.status": "status on a terminal",
    },
    "tenacity": {"orchestrator.engine.attempt": "schedules of retries"},
    "sqlite3": {
        "orchestrator.journal.sqlite": "the embedded journal",
        "orchestrator.journal.sqlite_file": "its file",
        "orchestrator.journal.vault": "what is sealed, in the same file",
    },
    "rfc8785": {"orchestrator.journal.canonical": "the canonical form"},
    "greenlet": {"drills.simulator.clock": "the bridge from blocking code to virtual time"},
}
"""Library → who imports it, and why there."""

ONLY_UNDER = {
    "moto": ("drills.simulator",),
    "pulumi": ("stacks", "drills.simulator.provision", "drills.simulator.provisioners"),
    "pulumi_aws": ("stacks",),
    "dnslib": ("drills.simulator",),
    "time_machine": ("drills",),
}

PURE = tuple(
    f"engine.{name}" for name in ("plan", "items", "claims", "view", "decide", "moves", "ending", "wishes", "scope")
)
IMPURE = ("asyncio", "time", "random", "uuid", "datetime", "boto3", "sqlite3", "threading", "os", "socket")


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(*OURS, include_external_packages=True, cache_dir=None)


def importers(graph: grimp.ImportGraph, library: str) -> set[str]:
    return graph.find_modules_that_directly_import(library) if library in graph.modules else set()


def test_the_layers_of_the_design_hold(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    code = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    told = capsys.readouterr().out
    assert code == 0, told
    assert "0 broken" in told


def test_nobody_imports_in_a_circle_not_even_in_a_function(graph: grimp.ImportGraph) -> None:
    imports = nx.DiGraph(
        (module, known) for module in graph.modules for known in graph.find_modules_directly_imported_by(module)
    )
    circles = [sorted(each) for each in nx.strongly_connected_components(imports) if len(each) > 1]
    assert circles == []
    # The graph must see what is hidden, or the line above says nothing.
    assert "orchestrator.journal.sqlite" in graph.find_modules_directly_imported_by("orchestrator.wiring.home")


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_is_imported_in_its_places_only(graph: grimp.ImportGraph, library: str) -> None:
    assert importers(graph, library) == set(ONLY_IN[library])


@pytest.mark.parametrize("library", ONLY_UNDER)
def test_a_library_stays_in_its_rooms(graph: grimp.ImportGraph, library: str) -> None:
    found = importers(graph, library)
    assert found
    outside = {name for name in found if not name.startswith(tuple(ONLY_UNDER[library]))}
    assert outside == set()


@pytest.mark.parametrize("module", PURE)
def test_what_decides_knows_no_clock_no_cloud_and_no_loop(graph: grimp.ImportGraph, module: str) -> None:
    known = graph.find_modules_directly_imported_by(f"orchestrator.{module}")
    assert known
    assert known.isdisjoint(IMPURE)
    assert not [name for name in known if name.startswith(("orchestrator.cloud.door", "orchestrator.cloud.calls"))]
