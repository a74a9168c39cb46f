"""Texts that nobody can have meant to keep."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
KINDS = {".md", ".py", ".toml", ".yaml", ".json", ".txt", ".in", ""}
LEFT = {".venv", ".git", ".failover", "__pycache__"}
MARKER = re.compile(r"^(?:<{7} |>{7} |={7}$)", re.MULTILINE)


def test_no_merge_was_left_half_done() -> None:
    files = [path for path in ROOT.rglob("*") if path.suffix in KINDS and not LEFT & {*path.parts} and path.is_file()]
    assert len(files) > 500
    assert [path for path in files if MARKER.search(path.read_text(encoding="utf-8", errors="replace"))] == []


def test_a_half_done_merge_would_be_seen() -> None:
    assert MARKER.search("a\n" + "<" * 7 + " HEAD\nb\n")
    assert MARKER.search("a\n" + "=" * 7 + "\nb\n")
