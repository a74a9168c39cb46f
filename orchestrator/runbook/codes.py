"""The codes of a runbook's faults. A code is never given another meaning: people search for them.

RB41 was "a parameter that nothing reads": harmless, and no reason to refuse a run.
"""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """One kind of fault; `meaning` is its line in the reference."""

    UNREADABLE = "RB01"
    TWICE = "RB02"
    UNKNOWN_KEY = "RB03"
    ENDLESS = "RB04"
    MISSING_KEY = "RB05"
    WRONG_VALUE = "RB06"
    YAML_TRAP = "RB07"
    TOO_LARGE = "RB08"
    UNKNOWN_ACTION = "RB10"
    UNKNOWN_ARGUMENT = "RB11"
    MISSING_ARGUMENT = "RB12"
    WRONG_ARGUMENT = "RB13"
    UNKNOWN_STEP = "RB20"
    CYCLE = "RB21"
    NOT_NEEDED = "RB22"
    SAME_SUBJECT = "RB23"
    EXPRESSION_SYNTAX = "RB30"
    EXPRESSION_NAME = "RB31"
    EXPRESSION_TYPE = "RB32"
    NO_ITEM = "RB33"
    TOO_EARLY = "RB34"
    RESERVED_NAME = "RB40"
    WRONG_DEFAULT = "RB42"
    NO_SERIES = "RB50"
    NO_GATE = "RB51"
    NO_CHECK = "RB52"
    UNKNOWN_RUNBOOK = "RB53"
    IGNORED_NO = "RB54"
    UNKNOWN_PARAMETER = "RB60"
    WRONG_PARAMETER = "RB61"
    MISSING_PARAMETER = "RB62"

    @property
    def meaning(self) -> str:
        """What the code says, in a sentence."""
        return _MEANINGS[self]


_MEANINGS = {
    Code.UNREADABLE: "the text is no YAML document that holds one mapping",
    Code.TWICE: "a key is given twice",
    Code.UNKNOWN_KEY: "a key that runbooks do not have",
    Code.ENDLESS: "a step may wait for ever",
    Code.MISSING_KEY: "a key is missing",
    Code.WRONG_VALUE: "a value of the wrong form",
    Code.YAML_TRAP: "YAML reads something else than what is written: quote it",
    Code.TOO_LARGE: "the document passes a limit of size, depth, entries or aliases",
    Code.UNKNOWN_ACTION: "an action that the catalogue does not have",
    Code.UNKNOWN_ARGUMENT: "`with` gives what the action does not take",
    Code.MISSING_ARGUMENT: "`with` lacks what the action requires",
    Code.WRONG_ARGUMENT: "`with` gives a value that the action does not take",
    Code.UNKNOWN_STEP: "`needs` names a step that is not there",
    Code.CYCLE: "steps wait for each other in a circle",
    Code.NOT_NEEDED: "a step reads the result of a step that it does not need, so it may run first",
    Code.SAME_SUBJECT: "two steps without an order write the same setting",
    Code.EXPRESSION_SYNTAX: "an expression is no JMESPath",
    Code.EXPRESSION_NAME: "an expression names what is not there",
    Code.EXPRESSION_TYPE: "an expression uses a value as what it is not",
    Code.NO_ITEM: "`item` outside a step with `for_each`",
    Code.TOO_EARLY: "a step's result is read before any step runs",
    Code.RESERVED_NAME: "a parameter has a name that expressions already use",
    Code.WRONG_DEFAULT: "a parameter's declaration or default does not fit its type",
    Code.NO_SERIES: "a key for series on a step that is none",
    Code.NO_GATE: "a key for gates on a step that is none",
    Code.NO_CHECK: "a guard or condition that is no check",
    Code.UNKNOWN_RUNBOOK: "`failback` names a runbook that is not there",
    Code.IGNORED_NO: "a gate that is not critical: its no would be ignored",
    Code.UNKNOWN_PARAMETER: "a value is given for a parameter that the runbook does not have",
    Code.WRONG_PARAMETER: "a value is given that the parameter does not take",
    Code.MISSING_PARAMETER: "a parameter without a default is given no value",
}
