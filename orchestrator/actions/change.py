"""Changes to the project's own configuration, recorded like any other setting."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from orchestrator.model.actions import Call, Expected, Provenance, Setting
from orchestrator.model.errors import InvalidInput
from orchestrator.model.parameters import Doc, Rule

if TYPE_CHECKING:
    from pathlib import Path

    from orchestrator.model.values import Json


def _plain(stack: str) -> str:
    """It becomes part of a file's name."""
    return "" if re.fullmatch(r"[a-z][a-z0-9-]*", stack) else f"is {stack!r}, must be small letters, digits and hyphens"


@dataclass(frozen=True)
class StackConfigParams:
    """Parameters of `change.stack_config`."""

    stack: Annotated[str, Doc("the stack's name: standby")]
    values: Annotated[dict[str, str], Doc("keys and values, as text")]
    rules: ClassVar[tuple[Rule, ...]] = (Rule(_plain, "stack"),)


class StackConfig(Setting[StackConfigParams]):
    """Values that a runbook found and a stack needs, in `config/prepared.<stack>.json`, which that stack reads.

    Keys that the file has beside them are kept. The file is replaced in one move; one that cannot be read or written,
    or that holds no JSON object, fails the step and is left as it is. Calls nothing in the cloud.
    """

    name = "change.stack_config"
    summary = "record values as configuration of a stack (config/prepared.<stack>.json)"
    Params = StackConfigParams
    deadline_s: ClassVar[float | None] = 30.0
    interval_s = 1.0
    expected = Expected(0.1, Provenance.ASSUMED)
    subject_params: ClassVar[tuple[str, ...]] = ("stack",)

    @classmethod
    def calls(cls, params: StackConfigParams) -> tuple[Call, ...]:  # noqa: ARG003
        """None: a file."""
        return ()

    def subject(self, params: StackConfigParams) -> str:
        """The stack's prepared configuration."""
        return f"stack-config:{params.stack}"

    def observe(self, params: StackConfigParams) -> Json:
        """What the file holds; empty where there is none.

        Raises:
            InvalidInput: it cannot be read, or holds something else than keys and values.
        """
        file = self._file(params)
        try:
            found = json.loads(file.read_text()) if file.exists() else {}
        except OSError as why:
            raise _denied(file, "read", why) from why
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise InvalidInput(f"{file.name} is no JSON object", remedy="mend it, or remove it to begin anew")
        return found

    def target(self, params: StackConfigParams, before: Json) -> Json:
        """What is there, with our values."""
        return {**before, **params.values}

    def write(self, params: StackConfigParams, part: Json) -> None:
        """Replace the file in one move, so that nobody reads half of it.

        Raises:
            InvalidInput: it cannot be written.
        """
        file = self._file(params)
        draft = file.with_suffix(".draft")
        try:
            draft.write_text(json.dumps(part, indent=2, sort_keys=True) + "\n")
            draft.replace(file)
        except OSError as why:
            raise _denied(file, "written", why) from why

    def _file(self, params: StackConfigParams) -> Path:
        return self.cloud.settings_dir / f"prepared.{params.stack}.json"


def _denied(file: Path, what: str, why: OSError) -> InvalidInput:
    remedy = f"make room, or mend the permissions, in {file.parent}"
    return InvalidInput(f"{file.name} cannot be {what}: {why.strerror or type(why).__name__}", remedy=remedy)
