"""Runs the Lambda functions that flows call: the very code that the stacks deployed, on the simulated AWS.

Laws:
- The code comes from the simulated Lambda service (moto keeps the zip), never from the checkout.
- Its AWS calls pass the simulated network like anybody's.
- What a function raises is a failed function; what is *not simulated* is raised on, loudly.

Modelling shortcut: within `REUSE_S` of virtual time, callers who send a function the same parameters share one
invocation, so a change in what it reads may reach callers up to a second late; a client that a function makes again
and again is made once. Cold starts, concurrency limits and resource policies are not modelled.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import boto3

from drills.simulator.runtime import Context, Deployed, Runtime, compiled
from drills.simulator.walks import FunctionFailed
from orchestrator.model.errors import FailoverError, NotSimulated

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import CodeType

    from drills.simulator.behaviour import Calls, Network
    from orchestrator.model.values import Json, JsonObject

REUSE_S = 1.0
RESPONSE_BYTES_MAX = 32_768
"""Administrator Guide, "Grant Amazon Connect access to your AWS Lambda functions": 32 KB."""
CALLER_HEADER = "x-simulated-caller"
"""Says `function/<name>` on each AWS call that a simulated function makes: no call of the run's own."""


def deployed_in(account: str) -> Callable[[str], Deployed | None]:
    """A look-up of functions, by ARN, in moto's Lambda backend of `account`; None where there is none."""
    # Imported here: moto's Lambda pulls in a dozen other services.
    from moto.awslambda.exceptions import LambdaClientError  # noqa: PLC0415 - start-up
    from moto.awslambda.models import lambda_backends  # noqa: PLC0415 - start-up

    def find(arn: str) -> Deployed | None:
        parts = arn.split(":")
        if len(parts) < 7 or parts[2] != "lambda" or parts[4] != account:
            return None
        try:
            found = lambda_backends[account][parts[3]].get_function(arn)
        except (KeyError, LambdaClientError):  # no such Region, or no such function in it
            return None
        return Deployed(
            arn=arn,
            name=found.function_name,
            region=parts[3],
            handler=str(found.handler),
            code=found.code_bytes,
            digest=found.code_digest,
            environment=dict(found.environment_vars),
            timeout_s=int(found.timeout),
        )

    return find


class Functions:
    """Invokes deployed functions as Amazon Connect does, sharing invocations within a virtual second."""

    def __init__(self, calls: Calls, network: Network, account: str, find: Callable[[str], Deployed | None]) -> None:
        self._calls = calls
        self._network = network
        self._account = account
        self._find = find
        self._session: boto3.Session | None = None
        self._clients: dict[tuple[str, ...], Any] = {}
        self._compiled: dict[str, dict[str, CodeType]] = {}
        self._handlers: dict[tuple[str, ...], Callable[[JsonObject, Json], Json]] = {}
        self._recent: dict[tuple[str, str], tuple[float, asyncio.Task[Json]]] = {}

    async def invoke(self, arn: str, event: JsonObject, *, limit_s: int, flat: bool) -> JsonObject:
        """The function's answer to `event`.

        Args:
            arn: which function, in whichever Region.
            event: what Connect sends (`contact_event`).
            limit_s: how long the flow waits, in virtual seconds (InvocationTimeLimitSeconds).
            flat: whether the answer must be an object of strings (STRING_MAP), else any JSON object.

        Raises:
            FunctionFailed: no such function, its Region is dead, it raised, took too long or answered in another shape.
            NotSimulated: it called what has no rules here.
        """
        if not 1 <= limit_s <= 8:  # the reference page of InvokeLambdaFunction
            raise FunctionFailed(f"InvocationTimeLimitSeconds is {limit_s}, not 1 to 8")
        deployed = self._find(arn)
        if deployed is None:
            raise FunctionFailed(f"no function {arn}")
        if self._network.down(deployed.region):
            self._network.felt(deployed.region, "function")
            raise FunctionFailed(f"{deployed.region} does not answer")
        task = self._shared(deployed, event)
        # Not cancelled at the limit: a real function runs on when its flow has given up.
        done, _ = await asyncio.wait((task,), timeout=min(limit_s, deployed.timeout_s))
        if not done:
            raise FunctionFailed(f"{deployed.name} took longer than {min(limit_s, deployed.timeout_s)} s")
        return _shaped(deployed, task.result(), flat=flat)

    def restart(self) -> None:
        """Forget invocations of an earlier loop; what was loaded stays loaded."""
        self._recent.clear()

    async def close(self) -> None:
        """Cancel what still runs, and wait for it."""
        left = [task for _, task in self._recent.values() if not task.done()]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        self._recent.clear()

    def _shared(self, deployed: Deployed, event: JsonObject) -> asyncio.Task[Json]:
        key = (deployed.arn, json.dumps(event["Details"]["Parameters"], sort_keys=True))
        now = asyncio.get_running_loop().time()
        started, task = self._recent.get(key, (-REUSE_S, None))
        if task is None or now - started >= REUSE_S:
            task = asyncio.create_task(self._calls.run(lambda: self._call(deployed, event)))
            task.add_done_callback(_seen)
            self._recent[key] = (now, task)
        return task

    def _call(self, deployed: Deployed, event: JsonObject) -> Json:
        try:
            answer = self._loaded(deployed)(event, Context(deployed))
            # The service carries JSON, so what the flow gets is what survives the trip.
            return json.loads(json.dumps(answer))
        except FailoverError:
            raise
        except NotImplementedError as error:  # moto's word, in process, for an operation without a backend
            raise NotSimulated("lambda", f"{deployed.name}: {error}") from error
        except Exception as error:  # foreign code: whatever it raises is its failure
            raise FunctionFailed(f"{deployed.name} raised {type(error).__name__}: {error}") from error

    def _loaded(self, deployed: Deployed) -> Callable[[JsonObject, Json], Json]:
        key = (
            deployed.arn,
            deployed.digest,
            deployed.handler,
            *sorted(f"{k}={v}" for k, v in deployed.environment.items()),
        )
        if key not in self._handlers:
            if deployed.digest not in self._compiled:
                self._compiled[deployed.digest] = compiled(deployed)
            sources = self._compiled[deployed.digest]
            module, _, name = deployed.handler.rpartition(".")
            self._handlers[key] = getattr(Runtime(deployed, sources, self._client).module(module), name)
        return self._handlers[key]

    def _client(self, deployed: Deployed, service: str, options: dict[str, Any]) -> Any:
        # A session costs 130 ms and a client 7, so all functions share a session, and a function keeps its clients.
        key = (deployed.arn, service, options.get("region_name", ""))
        plain = not set(options) - {"region_name"}
        if plain and key in self._clients:
            return self._clients[key]
        if self._session is None:
            self._session = boto3.Session(aws_access_key_id="simulated", aws_secret_access_key="simulated")  # noqa: S106 - no secret: it signs for moto
        options.setdefault("region_name", deployed.region)
        client = self._session.client(service, **options)
        account, name = self._account, deployed.name

        def label(params: dict[str, Any], **_: object) -> None:
            params["headers"]["x-moto-account-id"] = account
            params["headers"][CALLER_HEADER] = f"function/{name}"

        client.meta.events.register("before-call", label)
        if plain:
            self._clients[key] = client
        return client


def contact_event(*, contact: JsonObject, parameters: Mapping[str, str]) -> dict[str, Json]:
    """The event that Connect sends (Lambda Developer Guide, "Invoking a Lambda function from Amazon Connect")."""
    return {"Details": {"ContactData": contact, "Parameters": dict(parameters)}, "Name": "ContactFlowEvent"}


def _shaped(deployed: Deployed, answer: Json, *, flat: bool) -> JsonObject:
    if not isinstance(answer, dict):
        raise FunctionFailed(f"{deployed.name} answered {type(answer).__name__}, not an object")
    if len(json.dumps(answer).encode()) > RESPONSE_BYTES_MAX:
        raise FunctionFailed(f"{deployed.name} answered more than {RESPONSE_BYTES_MAX} bytes")
    if flat and not all(isinstance(value, str) for value in answer.values()):
        raise FunctionFailed(f"{deployed.name} answered more than a flat object of strings")
    return answer


def _seen(task: asyncio.Task[Json]) -> None:
    # An invocation whose flow gave up must not warn that nobody asked for its error.
    if not task.cancelled():
        task.exception()
