"""`make pulumi-preview`: previews the three stacks as far as this machine lets Pulumi go, and says how far that was.

Laws:
- Nothing is deployed, and nothing stays: state goes to a file backend in a temporary folder, beside a copy of the
  configuration, for `pulumi stack init` writes its salt into that.
- What a stack takes from one that is not up, or from prepare-standby, is made up here, and said to be. No preview
  shows more than that the program, its configuration and the provider's schema fit together.
- A preview that stopped is told and ends the command with 1, whatever stopped it: credentials, a plugin, the program.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import yaml

from stacks.access import DUTIES
from stacks.settings import PREPARED_FILE

if TYPE_CHECKING:
    from collections.abc import Mapping

ROLES: Final = ("global", "primary", "standby")
PROJECT: Final = "contact-centre"
INSTANCE: Final = "00000000-0000-4000-8000-000000000000"
"""Nobody's instance id: what standby is prepared for, unless its configuration names one."""
UNSHOWN: Final = tuple(f"{duty.key}_principals" for duty in DUTIES)
"""Their roles are filled in with everything that the other stacks export, which is more than can be made up."""
LIMIT_S: Final = 600
"""What one command may take; the first one fetches the provider's plugin, some hundred megabytes."""

_ABSENT = "the pulumi command is not installed here, so nothing was previewed (pulumi.com/docs/install)"
_ENDING = "previews only: nothing was deployed, and no `pulumi up` was run; ids of stacks that are not up were made up"
_LEFT_OUT = frozenset({"PULUMI_CONFIG_PASSPHRASE_FILE", "PULUMI_STACK"})


@dataclass(frozen=True, slots=True)
class Project:
    """A copy of the project, with a backend of its own."""

    pulumi: str
    folder: Path

    def command(self, *words: str) -> str:
        """Run the pulumi command here, its output going where ours goes; what stopped it, or an empty text."""
        said = f"`pulumi {' '.join(takewhile(lambda word: not word.startswith('--'), words))}`"
        try:
            ended = subprocess.run(  # noqa: S603 - the command that PATH names, with words of ours
                [self.pulumi, *words, "--non-interactive"],
                cwd=self.folder, env=self._environment(), timeout=LIMIT_S, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return f"{said} had not ended after {LIMIT_S} s"
        return f"{said} ended with {ended.returncode}" if ended.returncode else ""

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if name not in _LEFT_OUT}
        return {
            **inherited,
            # Pulumi starts the `python3` that it finds: this one, where the project is installed.
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{inherited.get('PATH', '')}",
            "PULUMI_BACKEND_URL": (self.folder / "state").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "nothing here is secret",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }


def main(root: Path) -> int:
    """Preview every stack of the project in `root`. 0: all were; 1: one stopped; 2: there is no pulumi command."""
    pulumi = shutil.which("pulumi")
    if pulumi is None:
        _tell(_ABSENT)
        return 2
    with TemporaryDirectory(prefix="pulumi-preview-") as folder:
        project = Project(pulumi, Path(folder))
        outputs = prepare(root, project.folder)
        stopped = {role: _previewed(project, role, outputs.get(role)) for role in ROLES}
    for role, why in stopped.items():
        _tell(f"{role}: {f'stopped, {why}' if why else 'previewed'}")
    _tell(_ENDING)
    return 1 if any(stopped.values()) else 0


def prepare(root: Path, folder: Path) -> dict[str, dict[str, Any]]:
    """Copy the project without what ties it to another backend; what its stacks would have exported, by role."""
    shutil.copy(root / "Pulumi.yaml", folder)
    shutil.copytree(root / "stacks", folder / "stacks", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "state").mkdir()
    (folder / "config").mkdir()
    config = {role: _copied(root / "config", folder / "config", role) for role in ROLES}
    regions = {side: config["global"].get(f"{side}_region", "") for side in ("primary", "standby")}
    instance = config["standby"].get("instance_id") or INSTANCE
    group = f"arn:aws:connect:{regions['primary']}:000000000000:traffic-distribution-group/{INSTANCE}"
    prepared = {"instance_id": instance, "traffic_group_arn": group, "default_traffic_group_arn": group}
    continuity = config["global"].get("continuity", "global-resiliency")
    if continuity == "global-resiliency":
        (folder / "config" / PREPARED_FILE).write_text(json.dumps(prepared), encoding="utf-8")
    keys = {side: f"arn:aws:kms:{region}:000000000000:key/mrk-0" for side, region in regions.items()}
    buckets = {side: f"recordings-{side}" for side in regions}
    shared = {"key_arns": keys, "evidence_bucket": "evidence", "recordings_buckets": buckets}
    zone_name = config["global"].get("zone_name", "")
    return {
        "global": {"continuity": continuity, "regions": regions, "zone_name": zone_name, **shared},
        "primary": {"inventory": {"connect": {"instance_id": instance}}},
    }


def _copied(source: Path, target: Path, role: str) -> dict[str, Any]:
    """Copies a role's configuration, without the backend's keys; its own keys, bare."""
    name = f"Pulumi.{role}.yaml"
    config = yaml.safe_load((source / name).read_text(encoding="utf-8"))["config"]
    for key in UNSHOWN:
        if config.pop(f"{PROJECT}:{key}", None) is not None:
            _tell(f"{role}: previewed without {key}, whose role needs all that the other stacks export")
    (target / name).write_text(yaml.safe_dump({"config": config}), encoding="utf-8")
    return {key.removeprefix(f"{PROJECT}:"): value for key, value in config.items()}


def _previewed(project: Project, role: str, outputs: Mapping[str, Any] | None) -> str:
    """Preview a stack, then let the next ones find outputs of it; what stopped the preview, or an empty text."""
    _tell(f"--- {role}")
    if why := project.command("stack", "init", role):
        return why
    why = project.command("preview", "--stack", role)
    if outputs is not None:
        exported = project.folder / f"{role}.json"
        exported.write_text(json.dumps(_state(role, outputs)), encoding="utf-8")
        if lost := project.command("stack", "import", "--stack", role, "--file", str(exported)):
            _tell(f"{lost}: the stacks that read {role} will find no outputs")
    return why


def _state(role: str, outputs: Mapping[str, Any]) -> dict[str, Any]:
    """A stack that holds nothing but its outputs, as `pulumi stack export` writes one (version 3 of the format)."""
    kind = "pulumi:pulumi:Stack"
    root = {"urn": f"urn:pulumi:{role}::{PROJECT}::{kind}::{PROJECT}-{role}", "custom": False, "type": kind}
    manifest = {"time": "2000-01-01T00:00:00Z", "magic": "", "version": ""}
    return {"version": 3, "deployment": {"manifest": manifest, "resources": [{**root, "outputs": dict(outputs)}]}}


def _tell(sentence: str) -> None:
    print(sentence, flush=True)  # noqa: T201 - what the target is for; before Pulumi's own lines


if __name__ == "__main__":
    sys.exit(main(Path.cwd()))
