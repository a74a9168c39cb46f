"""What the tests of the whole share: a contact centre of one's own, the command line in this process, and a summary.

Campaigns tell how much they tried: `record_property("campaign", "what: n")` ends up in the terminal's summary.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sysconfig
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from orchestrator.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable

# A shell that runs us in the background lets us ignore these, and whatever we start would ignore them, too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

ROOT = Path(__file__).parents[1]
SCENARIOS = Path(__file__).parent / "scenarios"
STACK = "config/Pulumi.primary.yaml"


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The last line, which is the answer where several are printed."""
        return json.loads(self.out.splitlines()[-1])


class Centre:
    """A working directory with configuration, runbooks and short scenarios that a test may change; few agents."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(ROOT / "config", folder / "config", ignore=shutil.ignore_patterns("prepared.*"))
        shutil.copytree(ROOT / "runbooks", folder / "runbooks")
        for scenario in SCENARIOS.glob("*.yaml"):
            shutil.copy(scenario, folder)
        self.change(STACK, ("agents: 28", "agents: 3"), ("agents: 20", "agents: 3"))

    def as_shipped(self) -> None:
        """All the agents of the stacks, as the scenarios that come with the drills need them."""
        shutil.copy(ROOT / STACK, self.folder / STACK)

    def change(self, file: str, *pairs: tuple[str, str]) -> Path:
        """Replace text that must be there."""
        path = self.folder / file
        text = path.read_text()
        for old, new in pairs:
            assert old in text, f"{file} has no {old!r}"
            text = text.replace(old, new)
        path.write_text(text)
        return path

    def command(self, *arguments: str) -> list[str]:
        """The command line as a process."""
        return [str(Path(sysconfig.get_path("scripts")) / "failover"), *arguments]

    def environment(self, **extra: str) -> dict[str, str]:
        """This process's, without what would change how the command line speaks."""
        dropped = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "TERM", "FAILOVER_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
        return {**kept, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", **extra}

    def spawned(self, *arguments: str, **environment: str) -> Said:
        """Run the command in a process of its own, piped."""
        ended = subprocess.run(  # noqa: S603 - our own command
            self.command(*arguments), cwd=self.folder, env=self.environment(**environment),
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return Said(ended.returncode, ended.stdout, ended.stderr)


@pytest.fixture(scope="session")
def new_centre() -> type[Centre]:
    """Makes one in a folder, for fixtures that several tests share."""
    return Centre


@pytest.fixture
def centre(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Centre:
    """The working directory of this test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FAILOVER_HOME", raising=False)
    monkeypatch.delenv("FAILOVER_JOURNAL", raising=False)
    return Centre(tmp_path)


@pytest.fixture
def failover(centre: Centre, capfd: pytest.CaptureFixture[str]) -> Callable[..., Said]:  # noqa: ARG001 - the place
    """The command line in this process: importing the simulator costs more than a run."""

    def run(*arguments: str) -> Said:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        said = capfd.readouterr()
        return Said(int(ended.value.code or 0), said.out, said.err)

    return run


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: many tests wait for processes of their own."""
    return (os.cpu_count() or 1) + 1


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line a campaign; the parts of one that ran in several processes are added up."""
    tried: Counter[str] = Counter()
    for report in terminalreporter.getreports("passed"):
        for name, told in report.user_properties:
            if name == "campaign":
                what, _, count = str(told).rpartition(": ")
                tried[what] += int(count)
    for what, count in sorted(tried.items()):
        terminalreporter.write_line(f"{what}: {count}")
