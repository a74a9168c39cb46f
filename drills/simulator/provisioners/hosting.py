"""Hosts a Pulumi program without Pulumi's command line: its mock monitor, with registrations seen whole.

Laws:
- Registrations come one at a time and in the program's own order, the same in every run: the program waits for each.
- Building happens on the caller's thread, so that virtual time can pass in it; Pulumi has threads of its own.
- Each run has its own context, and leaves nothing behind for the next one, also when it fails.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final, TypeAlias, TypeVar

import pulumi
from pulumi.runtime import mocks, rpc, settings
from pulumi.runtime.config import set_all_config
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.stack import run_in_stack

from drills.simulator.provisioners.request import Archive, Built, Declared, Unprovisionable
from orchestrator.model.errors import NotSimulated

T = TypeVar("T")
Outputs: TypeAlias = Mapping[str, Mapping[str, Any]]
Program: TypeAlias = Callable[[], None]
Build: TypeAlias = Callable[[Declared], Built]

ORGANISATION: Final = "organization"
"""What Pulumi calls the organisation of every self-managed backend."""
PROVIDER: Final = "pulumi:providers:aws"
UNKNOWN: Final = "(known after up)"
"""Stands in a preview's inputs for what only AWS can tell."""

_STACK = "pulumi:pulumi:Stack"
_REFERENCE = "pulumi:pulumi:StackReference"
_IDENTITY = "aws:index/getCallerIdentity:getCallerIdentity"

# Pulumi's outputs wrap each other a few tasks deep.
_STEPS = 20

# Pulumi keeps a few settings outside its context variables.
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True, slots=True)
class World:
    """What a program may look up: the account that it runs in, and other stacks' exports by role."""

    account: str
    outputs: Outputs


def host(
    program: Program, *, project: str, stack: str, config: dict[str, str], world: World, build: Build, dry: bool
) -> dict[str, Any]:
    """Run the program to its end; what it exported.

    Args:
        program: declares resources and exports.
        project: the project's name.
        stack: the stack's name.
        config: every key with its namespace; tables as JSON.
        world: what can be looked up.
        build: called for each declaration, on this thread.
        dry: whether outputs that `build` does not give are unknown (a preview).

    Raises:
        Exception: whatever the program or `build` raised first.
    """
    errands = _Errands()
    monitor = _Monitor(world, lambda declared: errands.ask(lambda: build(declared)))

    async def run() -> None:
        _settle_in(monitor, project, stack, config, dry=dry)
        turnstile = _Turnstile()
        asyncio.get_running_loop().set_default_executor(turnstile)
        try:
            await run_in_stack(partial(program))
        finally:
            await _begin_what_is_pending()
            turnstile.close()

    with _ONE_AT_A_TIME, ThreadPoolExecutor(1, "stack") as thread:
        # A context of its own: Pulumi keeps the stack's settings in context variables.
        running = thread.submit(contextvars.Context().run, _to_the_end, run)
        errands.serve(running)
    running.result()
    return monitor.exports


async def _begin_what_is_pending() -> None:
    """Let tasks that a failed program left behind take their first steps; what never began would warn when dropped."""
    for _ in range(_STEPS):
        await asyncio.sleep(0)


def _to_the_end(run: Callable[[], Any]) -> None:
    # The machine's own loop, whatever loop a simulation runs on elsewhere.
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        runner.run(run())


def _settle_in(monitor: _Monitor, project: str, stack: str, config: dict[str, str], *, dry: bool) -> None:
    # Where one task of a program fails, those that wait for it fail with it; the first error is raised, and enough.
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    mocks.set_mocks(
        monitor.mocks, project=project, stack=stack, organization=ORGANISATION, preview=dry, monitor=monitor
    )
    # A run that failed leaves its pending work behind, bound to a loop that is closed by now.
    settings.ROOT.set(None)
    settings.SETTINGS.outputs.clear()
    settings.SETTINGS.rpc_manager.clear()
    set_all_config(config, [])


class _Errands:
    """Work that one thread asks another to do, one piece at a time."""

    def __init__(self) -> None:
        self._asked: SimpleQueue[tuple[Callable[[], Any], Future[Any]] | None] = SimpleQueue()
        self._open: set[Future[Any]] = set()
        self._closed = False

    def ask(self, work: Callable[[], T]) -> T:
        """Have it done by whoever serves, and wait for the result or the error.

        Raises:
            Unserved: who served was interrupted.
        """
        answer: Future[T] = Future()
        self._open.add(answer)
        if self._closed:
            raise Unserved
        self._asked.put((work, answer))
        return answer.result()

    def serve(self, client: Future[Any]) -> None:
        """Do what is asked for until `client` is done.

        An interrupt fails the client before it goes on: nobody else would tell it, and it would wait for ever.
        """
        client.add_done_callback(lambda _: self._asked.put(None))
        try:
            while (errand := self._asked.get()) is not None:
                self._serve(*errand)
        except BaseException:
            self._closed = True
            for answer in tuple(self._open):
                if not answer.done():
                    answer.set_exception(Unserved())
            wait((client,))
            raise

    def _serve(self, work: Callable[[], Any], answer: Future[Any]) -> None:
        try:
            answer.set_result(work())
        except Exception as error:  # noqa: BLE001 - not swallowed: raised where it was asked for
            answer.set_exception(error)
        self._open.discard(answer)


class Unserved(Exception):
    """Who was to do the work was interrupted."""


class _Turnstile(ThreadPoolExecutor):
    """A thread that is waited for: each call to the monitor is over before the program goes on.

    Pulumi's registrations would else arrive in an order that differs from run to run.
    """

    def __init__(self) -> None:
        self._loop = asyncio.SelectorEventLoop()
        # Pulumi's mock monitor serialises on the event loop of its thread.
        super().__init__(1, "monitor", initializer=asyncio.set_event_loop, initargs=(self._loop,))

    def submit(self, call: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Run it, wait for it."""
        future = super().submit(call, *args, **kwargs)
        wait([future])
        return future

    def close(self) -> None:
        """End the thread and its loop."""
        self.shutdown()
        self._loop.close()


class _Answers(mocks.Mocks):
    """What the program looks up: who it is, and other stacks' outputs."""

    def __init__(self, world: World) -> None:
        self._world = world

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        """An invoke: the caller's identity is the only one with an answer."""
        if args.token != _IDENTITY:
            raise NotSimulated("pulumi", args.token)
        account = self._world.account
        arn = f"arn:aws:iam::{account}:role/stacks"
        return {"accountId": account, "arn": arn, "id": account, "userId": "stacks"}, []

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        """A resource that is read: a stack reference is the only kind with an answer."""
        if args.typ != _REFERENCE:
            raise NotSimulated("pulumi", f"reading {args.typ}")
        name = args.resource_id or args.name
        role = name.rpartition("/")[2]
        if role not in self._world.outputs:
            raise Unprovisionable(f"the stack {name} is not up", remedy=f"bring {role} up first")
        return name, {"name": name, "outputs": dict(self._world.outputs[role]), "secretOutputNames": []}


class _Monitor(mocks.MockMonitor):
    """Has each registration built, and keeps the exports."""

    def __init__(self, world: World, build: Build) -> None:
        super().__init__(_Answers(world))
        self._build = build
        self.exports: dict[str, Any] = {}

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the name of Pulumi's protocol
        """One declaration."""
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == _STACK:
            return resource_pb2.RegisterResourceResponse(urn=urn)
        built = self._build(_declared(urn, request))
        response = resource_pb2.RegisterResourceResponse(urn=urn, id=built.id, object=request.object)
        response.object.update(built.outputs)
        return response

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 - the name of Pulumi's protocol
        """The outputs of a component or, at the end, of the stack."""
        if f"::{_STACK}::" in request.urn:
            self.exports.update(_plain(rpc.deserialize_properties(request.outputs)))
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call] # Pulumi's mocks are untyped


def _declared(urn: str, request: Any) -> Declared:
    return Declared(
        urn=urn,
        type=request.type,
        name=request.name,
        custom=request.custom,
        inputs=_plain(rpc.deserialize_properties(request.object, keep_unknowns=True)),
        parent=request.parent,
        provider=request.provider,
        dependencies=tuple(sorted(request.dependencies)),
        protect=request.protect,
        ignore_changes=tuple(request.ignoreChanges),
        retain=request.retainOnDelete,
    )


def _plain(value: Any) -> Any:
    """Values without Pulumi's wrappers: secrets opened, archives read, the protocol's floats whole again."""
    if rpc.is_rpc_secret(value):
        return _plain(rpc.unwrap_rpc_secret(value))
    if isinstance(value, pulumi.AssetArchive):
        return Archive({name: _content(asset) for name, asset in sorted(value.assets.items())})
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in sorted(value.items())}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return UNKNOWN if isinstance(value, pulumi.output.Unknown) else value


def _content(asset: object) -> bytes:
    match asset:
        case pulumi.FileAsset():
            return Path(str(asset.path)).read_bytes()
        case pulumi.StringAsset():
            return asset.text.encode()
        case _:
            raise NotSimulated("pulumi", f"an archive with a {type(asset).__name__}")
