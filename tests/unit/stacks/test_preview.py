"""`make pulumi-preview`, with a stand-in for the pulumi command: what it is started with, and what is made of its ends.

That the real command gets along with it is shown only where it is installed.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from drills.simulator.provision import preview as declared_by
from stacks.preview import ROLES, main, prepare
from stacks.settings import PREPARED_FILE

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[3]
PULUMI = """#!{python}
import json, os, sys
words = sys.argv[1:]
noted = {{"words": words, "at": os.getcwd(), "env": {{k: v for k, v in os.environ.items() if k.startswith("PULUMI_")}}}}
if "--file" in words:
    noted["file"] = json.load(open(words[words.index("--file") + 1]))
with open({log!r}, "a") as log:
    log.write(json.dumps(noted) + "\\n")
with open("config/Pulumi.global.yaml", "a") as config:
    config.write("encryptionsalt: v1:of-the-preview\\n")
sys.exit(255 if words[:1] == ["preview"] and {stops!r} in words else 0)
"""


@pytest.fixture
def previewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[[str], tuple[int, list[dict], str]]:
    """Runs the target beside a pulumi that stops in one stack's preview: code, the commands given, what was said."""

    def run(stops: str) -> tuple[int, list[dict], str]:
        log, command = tmp_path / "log", tmp_path / "bin" / "pulumi"
        command.parent.mkdir()
        command.write_text(PULUMI.format(python=sys.executable, log=str(log), stops=stops))
        command.chmod(0o755)
        monkeypatch.setenv("PATH", str(command.parent))
        monkeypatch.setenv("PULUMI_STACK", "production")
        monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://production")
        code = main(ROOT)
        return code, [json.loads(line) for line in log.read_text().splitlines()], capfd.readouterr().out

    return run


def test_without_the_command_one_sentence_says_so_and_the_end_is_not_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(ROOT) == 2
    (said,) = capsys.readouterr().out.splitlines()
    assert "not installed" in said


def test_each_stack_is_previewed_and_none_is_deployed(previewed: Callable[[str], tuple[int, list[dict], str]]) -> None:
    code, noted, said = previewed("none of them")
    assert code == 0
    assert [one["words"][2] for one in noted if one["words"][0] == "preview"] == list(ROLES)
    assert {tuple(one["words"][: 1 if one["words"][0] == "preview" else 2]) for one in noted} == {
        ("stack", "init"), ("preview",), ("stack", "import"),
    }  # fmt: skip
    assert [f"{role}: previewed" in said for role in ROLES] == [True, True, True]
    assert "no `pulumi up` was run" in said


def test_no_other_backend_is_touched_and_nothing_stays(previewed: Callable[[str], tuple[int, list[dict], str]]) -> None:
    before = {each.name: each.read_bytes() for each in (ROOT / "config").glob("*.yaml")}
    _, noted, _ = previewed("none of them")
    (folder,) = {one["at"] for one in noted}
    assert {one["env"]["PULUMI_BACKEND_URL"] for one in noted} == {f"file://{folder}/state"}
    assert all("PULUMI_STACK" not in one["env"] for one in noted)
    assert all(one["env"]["PULUMI_CONFIG_PASSPHRASE"] for one in noted)
    assert not Path(folder).exists()
    assert {each.name: each.read_bytes() for each in (ROOT / "config").glob("*.yaml")} == before


def test_a_preview_that_stops_is_told_and_the_others_are_still_made(
    previewed: Callable[[str], tuple[int, list[dict], str]],
) -> None:
    code, noted, said = previewed("primary")
    assert code == 1
    assert "primary: stopped, `pulumi preview` ended with 255" in said
    assert "standby: previewed" in said
    assert [one["words"][2] for one in noted if one["words"][0] == "preview"] == list(ROLES)


def test_what_is_made_up_of_other_stacks_is_what_the_program_asks_of_them(tmp_path: Path) -> None:
    outputs = prepare(ROOT, tmp_path)
    for role in ROLES:
        assert declared_by(role, config_dir=tmp_path / "config", account="123456789012", outputs=outputs)


def test_two_instances_are_previewed_without_anything_prepared(tmp_path: Path) -> None:
    project, shown = tmp_path / "project", tmp_path / "shown"
    shown.mkdir()
    shutil.copytree(ROOT / "config" / "examples" / "five-person-desk-independent", project / "config")
    shutil.copytree(ROOT / "stacks", project / "stacks")
    shutil.copy(ROOT / "Pulumi.yaml", project)
    outputs = prepare(project, shown)
    assert not (shown / "config" / PREPARED_FILE).exists()
    for role in ROLES:
        assert declared_by(role, config_dir=shown / "config", account="123456789012", outputs=outputs)


def test_a_recovery_role_is_left_out_and_that_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    configured, shown = tmp_path / "configured", tmp_path / "shown"
    configured.mkdir()
    shown.mkdir()
    for name in ("Pulumi.yaml", "stacks", "config"):
        copy = shutil.copy if (ROOT / name).is_file() else shutil.copytree
        copy(ROOT / name, configured / name)
    with (configured / "config" / "Pulumi.standby.yaml").open("a") as config:
        config.write("  contact-centre:recovery_principals: [role/duty-manager]\n")
    outputs = prepare(configured, shown)
    assert "standby: previewed without recovery_principals" in capsys.readouterr().out
    assert declared_by("standby", config_dir=shown / "config", account="123456789012", outputs=outputs)


def test_later_stacks_find_what_earlier_ones_would_export(
    previewed: Callable[[str], tuple[int, list[dict], str]], tmp_path: Path
) -> None:
    _, noted, _ = previewed("none of them")
    found = {one["words"][3]: one["file"]["deployment"]["resources"] for one in noted if "file" in one}
    assert {role: stack["outputs"] for role, (stack,) in found.items()} == prepare(ROOT, tmp_path)
