"""Changes to the project's own configuration, recorded like any other setting."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from orchestrator.model.actions import Call, Expected, Provenance, Setting
from orchestrator.model.errors import InvalidInput
from orchestrator.model.parameters import Doc

if TYPE_CHECKING:
    from pathlib import Path

    from orchestrator.model.values import Json


@dataclass(frozen=True)
class StackConfigParams:
    """Parameters of `change.stack_config`."""

    stack: Annotated[str, Doc("the stack's name: standby")]
    values: Annotated[dict[str, Any], Doc("keys and values, as text")]


class StackConfig(Setting[StackConfigParams]):
    """Values that a runbook found and a stack needs, in `config/prepared.<stack>.json`, which that stack reads."""

    name = "change.stack_config"
    summary = "record values as configuration of a stack (config/prepared.<stack>.json)"
    Params = StackConfigParams
    deadline_s: ClassVar[float | None] = 30.0
    interval_s = 1.0
    expected = Expected(0.1, Provenance.ASSUMED)

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
            InvalidInput: it holds something else than keys and values.
        """
        file = self._file(params)
        try:
            found = json.loads(file.read_text()) if file.exists() else {}
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise InvalidInput(f"{file.name} is no JSON object", remedy="mend it, or remove it to begin anew")
        return found

    def target(self, params: StackConfigParams, before: Json) -> Json:
        """What is there, with our values."""
        return {**before, **params.values}

    def write(self, params: StackConfigParams, part: Json) -> None:
        """Replace the file in one move, so that nobody reads half of it."""
        file = self._file(params)
        draft = file.with_suffix(".draft")
        draft.write_text(json.dumps(part, indent=2, sort_keys=True) + "\n")
        draft.replace(file)

    def _file(self, params: StackConfigParams) -> Path:
        return self.cloud.settings_dir / f"prepared.{params.stack}.json"
