"""Finds runbooks by id or by path: those of the present directory first, then those that came with the package."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from orchestrator.model.errors import InvalidInput
from orchestrator.model.inference import suggestion

FOLDER = "runbooks"
_ENDINGS = (".yaml", ".yml")


def find(name: str, *, cwd: Path) -> Path:
    """The file of a runbook named by id (its file's name) or by path.

    Raises:
        InvalidInput: there is none; the remedy names those that there are.
    """
    if name.endswith(_ENDINGS) or "/" in name or "\\" in name:
        path = Path(name) if Path(name).is_absolute() else cwd / name
        if not path.is_file():
            raise InvalidInput(f"there is no file {name}", remedy="name a runbook's id, or the path of its file")
        return path
    known = {path.stem: path for path in all_runbooks(cwd)}
    if name not in known:
        raise InvalidInput(f"there is no runbook {name}", remedy=suggestion(name, known))
    return known[name]


def all_runbooks(cwd: Path) -> list[Path]:
    """Every runbook's file in order of ids; of two with one id, that of the present directory."""
    found: dict[str, Path] = {}
    for path in (*_installed(), *_within(cwd / FOLDER)):
        found[path.stem] = path
    return [found[name] for name in sorted(found)]


def _within(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix in _ENDINGS) if folder.is_dir() else []


def _installed() -> list[Path]:
    """The package's own. It holds data only, so it may be missing, or lie in several places at once."""
    try:
        package = files(FOLDER)
    except ModuleNotFoundError:
        return []
    return sorted(
        (each for each in package.iterdir() if isinstance(each, Path) and each.suffix in _ENDINGS and each.is_file()),
        key=lambda path: path.name,
    )
