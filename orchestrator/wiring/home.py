"""Where state lives: `--home DIR` (`FAILOVER_HOME`, default `.failover/`) and the journal beside or elsewhere."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.model.errors import InvalidInput
from orchestrator.model.frozen import Frozen

if TYPE_CHECKING:
    from orchestrator.journal.sqlite import SqliteJournal


class Home(Frozen):
    """A state folder. Nothing is created until something is written."""

    folder: Path
    journal_url: str
    options: str = ""
    """What was given on the command line, as a printed command has to repeat it; begins with a space unless empty."""

    @classmethod
    def of(cls, home: str | None, journal: str | None) -> Home:
        """From the command line's options and the environment."""
        folder = Path(home or os.environ.get("FAILOVER_HOME") or ".failover")
        given = {"--home": home, "--journal": journal}
        options = "".join(f" {name} {shlex.quote(value)}" for name, value in given.items() if value)
        url = journal or os.environ.get("FAILOVER_JOURNAL") or f"sqlite:///{folder / 'journal.db'}"
        return cls(folder, url, options)

    def open_journal(self) -> SqliteJournal:
        """The journal.

        Raises:
            InvalidInput: the URL names a kind of journal that this version does not have.
        """
        from orchestrator.journal.sqlite import SqliteJournal  # noqa: PLC0415 - start-up: --help needs no sqlite

        scheme, _, path = self.journal_url.partition(":///")
        if scheme != "sqlite" or not path:
            raise InvalidInput(f"no journal of the kind {self.journal_url}", remedy="give sqlite:///PATH")
        return SqliteJournal(Path(path))

    @property
    def inventory(self) -> Path:
        """The snapshot of what the stacks exported."""
        return self.folder / "inventory.json"

    def report(self, execution: str, ending: str) -> Path:
        """Where the report of an execution goes."""
        return self.folder / "reports" / f"{execution}.{ending}"

    def find(self, journal: SqliteJournal, given: str | None) -> str:
        """The execution meant by an id, the beginning of one, or nothing (the latest).

        Raises:
            InvalidInput: none, or more than one.
        """
        known = journal.executions() if journal.exists else []
        if given is None:
            if not known:
                raise InvalidInput("nothing has been run yet", remedy="run `failover execute` or `failover drill run`")
            return known[0]
        matches = [given] if given in known else [one for one in known if one.startswith(given)]
        # Earlier runs of the same seed were set aside as `<id>~<head>`; what is meant is the latest.
        matches = [one for one in matches if "~" not in one] or matches
        if len(matches) != 1:
            what = f"{len(matches)} executions begin with {given!r}" if matches else f"no execution {given!r}"
            raise InvalidInput(what, remedy="see `failover list`")
        return matches[0]
