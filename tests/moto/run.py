"""Runs moto's own tests of every service that we extend without our extension and with it, and compares.

Three runs: moto alone; the extension installed as a library, where no test may get worse; and in an account that a
simulated cloud founded, where AWS's stricter rules hold and `intended.yaml` names every difference.

The tests are those of moto's source distribution, of the version and by the hash that `requirements.lock` holds. Tests
are taken that moto does not mark as needing a network or Docker, and that are of a service we extend or speak to one.

Exit status: 0 nothing got worse, 1 something did or `intended.yaml` names what it need not, 2 the tests could not run.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from moto_comparison import Intended, faults, figures, intended, place, totals
from moto_extended import INTENDED, extended

from drills.simulator.aws.install import install
from drills.simulator.ledger import LEDGER, Mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from moto_comparison import Outcomes

HERE = Path(__file__).parent
LOCK = HERE.parents[1] / "requirements.lock"
MARKS = "not network and not requires_docker"
LIMIT_S = 900


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def give_up(why: str) -> None:
    """End with status 2: nothing can be said about the extension."""
    sys.stderr.write(f"test-moto: {why}\n")
    raise SystemExit(2)


def locked() -> tuple[str, str]:
    """moto's version in `requirements.lock`, and the lines that hold it and its hashes."""
    found = re.search(r"^moto==(\S+)(?: \\\n +--hash=sha256:[0-9a-f]{64})+", LOCK.read_text(), re.MULTILINE)
    if found is None:
        give_up(f"no moto with hashes in {LOCK.name}")
    if importlib.metadata.version("moto") != found[1]:
        give_up(f"moto {importlib.metadata.version('moto')} is installed, {found[1]} is locked")
    return found[1], found[0]


def fetched(into: Path) -> Path:
    """moto's tests, unpacked: a folder that holds `tests/`. Downloaded once for each version."""
    version, lines = locked()
    archive, unpacked = into / f"moto-{version}.tar.gz", into / f"moto-{version}"
    if not archive.exists():
        wanted = into / "moto.txt"
        wanted.write_text(lines + "\n")
        # The build back end is the locked one of this folder's requirements: pip reads the archive's metadata by it.
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        pip += ["--no-binary", "moto", "--no-build-isolation", "--require-hashes", "-r", str(wanted), "-d", str(into)]
        back_end = {**os.environ, "PYTHONPATH": str(into / "site")}
        if subprocess.run(pip, check=False, timeout=LIMIT_S, env=back_end).returncode:  # noqa: S603 - our own words
            give_up(f"pip could not fetch moto {version}")
    if hashlib.sha256(archive.read_bytes()).hexdigest() not in lines:
        give_up(f"{archive} is not what {LOCK.name} names: delete it")
    if not unpacked.exists():
        partial = into / "partial"
        shutil.rmtree(partial, ignore_errors=True)
        with tarfile.open(archive) as tar:
            # Not moto itself: it is installed, and would be found here first.
            kept = (f"moto-{version}/tests/", f"moto-{version}/pyproject.toml")
            # Python before 3.11.4 has no filters; its hash says whose archive it is.
            tar.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
            tar.extractall(partial, [m for m in tar if m.name.startswith(kept)])  # noqa: S202 - as above
        (partial / unpacked.name).rename(unpacked)
    return unpacked


def services() -> dict[str, str]:
    """What we extend, as installed: service → moto's package. The ledger must say the same.

    A service that moto lacks is told, and left out: no test of moto's can say what it should do.
    """
    install()
    found = extended()
    told = {service for (service, _), entry in LEDGER.items() if entry.mark is Mark.EXTENDED}
    if set(found) != told:
        give_up(f"the ledger says that we extend {sorted(told)}, and installed is {sorted(found)}")
    if wholly := sorted(service for service, package in found.items() if not package):
        say(f"wholly ours, and so compared with nothing: {', '.join(wholly)}")
    return {service: package for service, package in found.items() if package}


def chosen(unpacked: Path, ours: dict[str, str]) -> list[str]:
    """The folders of our services' tests, and each file elsewhere that makes a client of one of them."""
    folders = [unpacked / "tests" / f"test_{package}" for package in ours.values()]
    absent = [folder.name for folder in folders if not folder.is_dir()]
    if absent:
        give_up(f"moto {unpacked.name} has no {', '.join(absent)}")
    client = re.compile(rf"""(?:client|resource)\(\s*["'](?:{"|".join(ours)})["']""")
    others = [path for path in (unpacked / "tests").rglob("test_*.py") if not set(path.parents) & set(folders)]
    speaking = [path for path in others if client.search(path.read_text())]
    return [path.relative_to(unpacked).as_posix() for path in sorted(folders) + sorted(speaking)]


def run(name: str, unpacked: Path, tests: Sequence[str], *, plugins: Iterable[str], **more: str) -> Outcomes:
    """What became of each test in one run of pytest over moto's tests, in a process of its own.

    Runs do not go side by side, in processes or in workers: tests of moto's own server take a fixed port, and those of
    its recorder a fixed file.
    """
    report = unpacked.parent / f"{name}.json"
    report.unlink(missing_ok=True)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "MOTO_", "PYTEST_"))}
    nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    libraries = os.pathsep.join(map(str, (HERE, LOCK.parent, unpacked.parent / "site")))
    environment = {**kept, **nowhere, **more, "PYTHONPATH": libraries, "MOTO_OUTCOMES": str(report)}
    command = [sys.executable, "-m", "pytest", "-q", "--color=no", "--tb=line", "-p", "no:cacheprovider"]
    command += ["-m", MARKS, *(word for plugin in plugins for word in ("-p", plugin)), *tests]
    with (unpacked.parent / f"{name}.log").open("w+") as log:
        try:
            ended = subprocess.run(  # noqa: S603 - our own words
                command, cwd=unpacked, env=environment, stdout=log, stderr=subprocess.STDOUT,
                check=False, timeout=LIMIT_S,
            )  # fmt: skip
            status = str(ended.returncode)
        except subprocess.TimeoutExpired:
            status = f"nothing after {LIMIT_S} s"
        if status not in {"0", "1"} or not report.exists():
            log.seek(0)
            give_up(f"the run {name!r} ended with {status}:\n{log.read()[-4000:]}")
    return {test: (outcome, words) for test, (outcome, words) in json.loads(report.read_text()).items()}


def main(into: Path) -> int:
    """Fetch, run three times, run the amended ones, compare, tell."""
    ours, meant = services(), intended(yaml.safe_load(INTENDED.read_text()) or [])
    unpacked = fetched(into)
    tests = chosen(unpacked, ours)
    ended, extension = "moto_outcomes", ["moto_outcomes", "moto_extended"]
    without = run("without", unpacked, tests, plugins=[ended])
    installed = run("installed", unpacked, tests, plugins=extension)
    founded = run("founded", unpacked, tests, plugins=extension, MOTO_FOUNDED="1")
    amended = {}
    if again := [each.test for each in meant if each.amend]:
        amended = run("amended", unpacked, again, plugins=extension, MOTO_FOUNDED="1", MOTO_AMEND="1")
    idle = [package for package in ours.values() if figures(without, f"test_{package}").startswith("0/")]
    if idle:
        give_up(f"without the extension nothing passes of {', '.join(idle)}")
    tell(without, installed, founded, meant, ours)
    found = faults(without, installed, founded, amended, meant)
    for fault in found:
        say(f"  ✗ {fault}")
    say(f"{unpacked.name}, moto alone:           {totals(without)}")
    say(f"{unpacked.name}, extension installed:  {totals(installed)}")
    say(f"{unpacked.name}, in a simulated cloud: {totals(founded)}; {told(meant)}")
    if found:
        say(f"the extension changes what it should not, or intended.yaml is not right: {len(found)} faults")
    else:
        say("installed, the extension makes no test worse; in a simulated cloud, exactly those of intended.yaml")
    return 1 if found else 0


def told(meant: Sequence[Intended]) -> str:
    """What is meant to fail in a simulated cloud, after the figures."""
    amended = sum(1 for each in meant if each.amend)
    return (
        f"{len(meant)} are meant to fail: {amended} pass with requests that AWS takes, {len(meant) - amended} expect "
        "what AWS documents otherwise"
    )


def tell(
    without: Outcomes, installed: Outcomes, founded: Outcomes, meant: Sequence[Intended], ours: dict[str, str]
) -> None:
    """Figures for each folder of tests, and the differences that are meant."""
    say(f"{'passed/failed/skipped':44}{'moto alone':>12}{'installed':>12}{'in a cloud':>12}{'meant':>8}")
    for where in sorted({place(test) for test in without}, key=lambda w: (w[5:] not in ours.values(), w)):
        differ = sum(1 for each in meant if place(each.test) == where)
        name = where[5:] if where[5:] in ours.values() else f"  {where[5:]} (speaks to them)"
        shown = "".join(f"{figures(outcomes, where):>12}" for outcomes in (without, installed, founded))
        say(f"{name:44}{shown}{differ or '-':>8}")
    for rule in dict.fromkeys(each.rule for each in meant):
        entries = [each for each in meant if each.rule == rule]
        how = f"; with {entries[0].amend} they pass" if entries[0].amend else ""
        say(f"  meant in a cloud: {len(entries)} of {rule}{how}")


if __name__ == "__main__":
    folder = Path(sys.argv[1]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    raise SystemExit(main(folder))
