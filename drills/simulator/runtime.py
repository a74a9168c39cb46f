"""A Lambda function's Python, loaded from its zip into modules of its own.

Laws:
- A function sees its own environment; the process's is neither read nor changed.
- What a function imports beyond its zip is what this process has; what of boto3 is not simulated says so.
"""

from __future__ import annotations

import builtins
import io
import logging
import os
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import CodeType, ModuleType
from typing import Any, TypeAlias

import boto3

from orchestrator.model.errors import NotSimulated

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Deployed:
    """A function as the simulated Lambda service holds it. `code` is the zip, `digest` its SHA-256."""

    arn: str
    name: str
    region: str
    handler: str
    code: bytes = field(repr=False)
    digest: str
    environment: Mapping[str, str]
    timeout_s: int = 3


Clients: TypeAlias = Callable[[Deployed, str, dict[str, Any]], Any]
"""Makes a function's boto3 client: the function, the service, the options given to `boto3.client`."""


def compiled(deployed: Deployed) -> dict[str, CodeType]:
    """The modules in the function's zip, by name.

    Raises:
        NotSimulated: the zip holds packages.
        zipfile.BadZipFile: it is no zip.
        SyntaxError: it is no Python of this version.
    """
    modules: dict[str, CodeType] = {}
    with zipfile.ZipFile(io.BytesIO(deployed.code)) as archive:
        for path in archive.namelist():
            if path.endswith(".py"):
                if "/" in path:
                    raise NotSimulated("lambda", f"a package in the function's zip ({path})")
                modules[path.removesuffix(".py")] = compile(archive.read(path), f"{deployed.name}:{path}", "exec")
    return modules


class Context:
    """The part of Lambda's context object that functions commonly read."""

    function_version = "$LATEST"

    def __init__(self, deployed: Deployed) -> None:
        self.function_name = deployed.name
        self.invoked_function_arn = deployed.arn


class Runtime:
    """One function's modules: its own `os.environ`, its own boto3 Region, `print` to the log."""

    def __init__(
        self,
        deployed: Deployed,
        sources: Mapping[str, CodeType],
        client: Clients,
    ) -> None:
        self._deployed = deployed
        self._sources = sources
        self._loaded: dict[str, ModuleType] = {}
        self._own = {"os": self._os(), "boto3": self._boto3(client)}

    def module(self, name: str) -> ModuleType:
        """The function's own module `name`, executed once.

        Raises:
            ModuleNotFoundError: it is not in the zip.
        """
        if name not in self._loaded:
            if name not in self._sources:
                raise ModuleNotFoundError(f"No module named {name!r} in the function's zip", name=name)
            module = self._loaded[name] = ModuleType(name)
            vars(module)["__builtins__"] = {**vars(builtins), "__import__": self._import, "print": self._print}
            exec(self._sources[name], vars(module))  # noqa: S102 - running the deployed code is the purpose
        return self._loaded[name]

    def _import(
        self, name: str, globals_: Any = None, locals_: Any = None, names: Any = (), level: int = 0
    ) -> ModuleType:
        if level == 0 and name in self._sources:
            return self.module(name)
        root = name.partition(".")[0]
        if level == 0 and root in self._own and (name == root or not names):
            return self._own[root]
        return builtins.__import__(name, globals_, locals_, names, level)

    def _print(self, *values: object, **_: object) -> None:
        _LOG.debug("%s: %s", self._deployed.name, " ".join(map(str, values)))

    def _os(self) -> ModuleType:
        deployed = self._deployed
        environment = {
            "AWS_REGION": deployed.region,
            "AWS_DEFAULT_REGION": deployed.region,
            "AWS_LAMBDA_FUNCTION_NAME": deployed.name,
            "_HANDLER": deployed.handler,
            **deployed.environment,
        }
        module = ModuleType("os")
        vars(module).update(vars(os))
        # The process's environment is everybody's; swapping it would leak into calls that wait meanwhile.
        vars(module).update(environ=environment, getenv=environment.get)
        return module

    def _boto3(self, client: Clients) -> ModuleType:
        def own_client(service_name: str, region_name: str | None = None, **options: Any) -> Any:
            return client(
                self._deployed, service_name, {**options, **({"region_name": region_name} if region_name else {})}
            )

        def missing(name: str) -> Any:
            raise NotSimulated("lambda", f"boto3.{name} in a function")

        module = ModuleType("boto3")
        vars(module).update(client=own_client, __getattr__=missing, __version__=boto3.__version__)
        return module
