"""Takes the inventory from stacks that are up: the three roles' outputs, by Pulumi's Automation API, made one.

Laws: nothing is selected, refreshed or changed (`pulumi stack output` alone); an inventory that the stacks keep secret
is not written in the clear; reading and composing are apart, so that what composes is tested without the command.

Pulumi reads its own state backend: where that lies in the dead Region there is nothing to pull, which is why executions
read a snapshot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from orchestrator.model.errors import InvalidInput
from stacks.exports import KEY, compose
from stacks.exports import provisional as provisionally

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from orchestrator.model.inventory import Inventory

ROLES: Final = ("global", "primary", "standby")
BEFORE_STANDBY: Final = ROLES[:2]
PROJECT: Final = "contact-centre"
"""The name in Pulumi.yaml."""

_INSTALL = "install the pulumi command (pulumi.com/docs/install), or pull where it is installed and copy the snapshot"


def pulled(project: Path, *, organization: str, taken_at: str, provisional: bool = False) -> Inventory:
    """The inventory of the stacks of a project folder. `taken_at` is RFC 3339, UTC.

    `provisional`: before the standby is up, of the other two; what prepare-standby needs.

    Raises:
        InvalidInput: Pulumi is not installed or not signed in, a stack is not up, or the outputs make no inventory.
    """
    roles = BEFORE_STANDBY if provisional else ROLES
    return composed(outputs_of(project, organization=organization, roles=roles), roles=roles, taken_at=taken_at)


def outputs_of(project: Path, *, organization: str = "", roles: Sequence[str] = ROLES) -> dict[str, dict[str, Any]]:
    """The outputs of the stacks of these roles, as the state backend has them.

    Raises:
        InvalidInput: Pulumi is not installed or not signed in, or a stack is not there.
    """
    if not (project / "Pulumi.yaml").is_file():
        raise InvalidInput(f"no Pulumi.yaml in {project}", remedy="name the project's folder: --project DIR")
    try:
        from pulumi import automation  # noqa: PLC0415 - an extra, and 300 ms
    except ModuleNotFoundError as missing:
        raise InvalidInput(f"pulling needs {missing.name}", remedy="install the extra `stacks`") from missing
    from pulumi.automation.errors import CommandError, InvalidVersionError  # noqa: PLC0415 - as above

    try:
        workspace = automation.LocalWorkspace(work_dir=str(project))
        found = {role: workspace.stack_outputs(_named(role, organization)) for role in roles}
    except FileNotFoundError:
        raise InvalidInput("the pulumi command is not installed here", remedy=_INSTALL) from None
    except InvalidVersionError as old:
        raise InvalidInput(str(old), remedy=_INSTALL) from None
    except CommandError as refused:
        what, remedy = _said(refused), f"`pulumi login` to the state backend; then `pulumi up` {', '.join(roles)}"
        raise InvalidInput(f"pulumi gives no outputs: {what}", remedy=remedy) from None
    return {role: _in_the_clear(role, outputs) for role, outputs in found.items()}


def composed(outputs: Mapping[str, Mapping[str, Any]], *, taken_at: str, roles: Sequence[str] = ROLES) -> Inventory:
    """One inventory of these roles' outputs, held to the model and sealed with its digest.

    Raises:
        InvalidInput: a role exports none, or something else than the model says, or they do not fit together.
    """
    for role in roles:
        if KEY not in outputs.get(role, {}):
            raise InvalidInput(f"the stack {role} exports no {KEY}", remedy=f"pulumi up --stack {role}")
    try:
        if "standby" not in roles:
            return provisionally(outputs["global"], outputs["primary"], taken_at=taken_at)
        return compose(outputs["global"], outputs["primary"], outputs["standby"], taken_at=taken_at)
    except ValueError as misfit:  # the model's, and NotOneContactCentre
        remedy = "`pulumi up` the stacks with the same version of this program"
        raise InvalidInput(f"the outputs make no inventory: {_in_a_line(misfit)}", remedy=remedy) from None


def _named(role: str, organization: str) -> str:
    return f"{organization}/{PROJECT}/{role}" if organization else role


def _in_the_clear(role: str, outputs: Mapping[str, Any]) -> dict[str, Any]:
    if KEY in outputs and outputs[KEY].secret:
        what = f"the stack {role} exports its {KEY} as a secret, and a snapshot is written in the clear"
        raise InvalidInput(what, remedy="keep secrets out of the exported inventory: it names things, and holds none")
    return {name: output.value for name, output in outputs.items() if not output.secret}


def _said(refused: Exception) -> str:
    """The line of Pulumi's own that says what is wrong; never its standard output, which holds values."""
    lines = [line.strip() for line in str(refused).partition("stderr:")[2].splitlines()]
    return next((line for line in lines if line.startswith("error:")), next(filter(None, lines), "it does not say why"))


def _in_a_line(misfit: ValueError) -> str:
    """What does not fit, field by field where the model says so; its own text would be a paragraph with links."""
    misfits = misfit.errors() if hasattr(misfit, "errors") else ()
    told = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in misfits)
    return "; ".join(told) or str(misfit)
