"""Which runs have ended with their process: a simulated cloud is gone with it, so what was not over never goes on.

The journal alone cannot tell: a run that is at work and one whose process was killed have written the same so far. Who
holds the lease tells them apart. Whoever asks has to ask for the holder before reading the record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.report.standing import in_process

if TYPE_CHECKING:
    from orchestrator.journal.replay import Replay


def is_gone(record: Replay, holder: str | None) -> bool:
    """Whether the run stopped with the process that simulated its cloud. Another process may go on with any other."""
    return in_process(record) and not record.ended and holder is None


def marked(gone: bool) -> dict[str, bool]:  # noqa: FBT001 - the one thing it is about
    """What `--json` says of it besides the status, which `execute --json` ends with before its process does."""
    return {"gone": True} if gone else {}
