"""Requests: what everybody but the runner may leave beside a journal. Only the runner appends, saying what it did."""

from __future__ import annotations

from enum import StrEnum

from orchestrator.model.frozen import Frozen


class Verb(StrEnum):
    """What can be asked of a runner."""

    APPROVE = "approve"
    REJECT = "reject"
    RETRY = "retry"
    SKIP = "skip"
    ABORT = "abort"
    PAUSE = "pause"
    RESUME = "resume"
    SWITCH_MODE = "switch-mode"
    UNDO = "undo"
    NOTE = "note"
    BREAK_GLASS = "break-glass"
    """Approve a gate alone: without the others who would have to say yes, or without being among them."""


class Request(Frozen):
    """One person's wish. `id` is unique for ever; `at` is RFC 3339 UTC; `step` is an item key, or empty for all."""

    id: str
    execution: str
    at: str
    actor: str
    verb: Verb
    step: str = ""
    reason: str = ""
    account: str = ""
    """The account that asked, where `actor` is another name: rules are judged by the name, the account is on record."""
