"""What every command is given: seeds that journals can carry, and text that can be written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from orchestrator.cli.arguments import parsed, seed
from orchestrator.cli.command import Command
from orchestrator.model.errors import ExitCode, InvalidInput

if TYPE_CHECKING:
    from argparse import ArgumentParser


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--reason", default="")


COMMAND = Command(summary="", add_arguments=_arguments, run=lambda args: ExitCode.DONE, reads_cloud=True)  # noqa: ARG005 - runs nothing


@pytest.mark.parametrize(
    "text",
    ["-1", "1.5", "", "x", "\N{ARABIC-INDIC DIGIT ONE}", str(2**53), str(2**63), "9" * 5_000, "1e3", "1_0", " 1"],
)
def test_what_no_journal_could_carry_is_no_seed(text: str) -> None:
    with pytest.raises(InvalidInput, match="is no whole number from 0 to 9007199254740991") as refused:
        parsed("plan", COMMAND, [f"--seed={text}"])
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize("number", [0, 1, 2**53 - 1])
def test_every_number_that_a_journal_can_carry_is_a_seed(number: int) -> None:
    assert seed(str(number)) == number


def test_an_argument_that_is_no_text_is_refused_and_named() -> None:
    with pytest.raises(InvalidInput, match=r"'caf\\udce9' is no UTF-8"):
        parsed("execute", COMMAND, ["--reason", "caf\udce9"])
    assert parsed("execute", COMMAND, ["--reason", "café → ☎"]).reason == "café → ☎"


@pytest.mark.parametrize(
    "given",
    ["run one two --seed 3", "run --seed 3 one two", "--seed 3 run one two", "run one --seed 3 two"],
)
def test_options_may_stand_before_between_and_after_what_a_command_is_about(given: str) -> None:
    def arguments(parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["run"])
        parser.add_argument("scenarios", nargs="*")

    told = parsed("drill", COMMAND.but(add_arguments=arguments), given.split())
    assert (told.what, told.scenarios, told.seed) == ("run", ["one", "two"], 3)
