"""A contact centre in two Regions, made of the simulator's own sites, without moto: what people meet in these tests."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from drills.simulator.aws.connect.resources import Agent, Flow, Queue, RoutingProfile, Served
from drills.simulator.aws.connect.state import Site
from drills.simulator.aws.connect.telephony import PhoneNumber, TrafficGroup
from drills.simulator.aws.voice.estate import Carrier
from drills.simulator.clock import GreenletCalls, VirtualClock, run_virtual
from drills.simulator.network import Network
from drills.simulator.outage import RegionOutage
from drills.simulator.people import People
from drills.simulator.runtime import Deployed
from orchestrator.model.chance import SeededChance

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ACCOUNT = "123456789012"
INSTANCE = "11111111-2222-3333-4444-555555555555"
EAST, WEST = "us-east-1", "us-west-2"
MADE: dict[str, Any] = {"modified_at": START, "modified_in": EAST}

FLAG_CODE = """
import os
def handler(event, context):
    return {"emergency-greeting": os.environ["FLAG"]}
"""


def action(identifier: str, kind: str, then: str = "", *, errors: Any = None, when: Any = None, **given: Any) -> Any:
    """One action of a flow: `errors` by type, `when` by operand, both to the next identifier."""
    ways: dict[str, Any] = {
        "NextAction": then,
        "Errors": [{"ErrorType": error, "NextAction": to} for error, to in (errors or {}).items()],
        "Conditions": [
            {"NextAction": to, "Condition": {"Operator": "Equals", "Operands": [operand]}}
            for operand, to in (when or {}).items()
        ],
    }
    return {"Identifier": identifier, "Type": kind, "Parameters": given, "Transitions": ways if then else {}}


def flow(*actions: Any) -> dict[str, Any]:
    """A flow that starts with its first action."""
    return {"Version": "2019-10-30", "StartAction": actions[0]["Identifier"], "Actions": list(actions)}


def flag_arn(region: str) -> str:
    return f"arn:aws:lambda:{region}:{ACCOUNT}:function:flags"


def zipped(**modules: str) -> bytes:
    """A function's archive, from module name to source."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, source in modules.items():
            archive.writestr(f"{name}.py", source)
    return buffer.getvalue()


def deployed(code: str = FLAG_CODE, *, region: str = EAST, timeout_s: int = 3, **environment: str) -> Deployed:
    """A function as Lambda would hold it."""
    return Deployed(
        arn=flag_arn(region),
        name="flags",
        region=region,
        handler="flags.handler",
        code=zipped(flags=code),
        digest=f"digest of {code}",
        environment=environment,
        timeout_s=timeout_s,
    )


MAIN_FLOW = flow(
    action(
        "ask",
        "InvokeLambdaFunction",
        "emergency?",
        errors={"NoMatchingError": "welcome"},
        LambdaFunctionARN=f"arn:aws:lambda:$.AwsRegion:{ACCOUNT}:function:flags",
        InvocationTimeLimitSeconds="3",
    ),
    action(
        "emergency?",
        "Compare",
        "welcome",
        errors={"NoMatchingCondition": "welcome"},
        when={"on": "emergency"},
        ComparisonValue="$.External.emergency-greeting",
    ),
    action("emergency", "MessageParticipant", "pick", Text="We are disturbed and still take your call"),
    action("welcome", "MessageParticipant", "pick", Text="Welcome"),
    action("pick", "UpdateContactTargetQueue", "queue", errors={"NoMatchingError": "bye"}, QueueId="q-sales"),
    action("queue", "TransferContactToQueue", "bye", errors={"QueueAtCapacity": "bye", "NoMatchingError": "bye"}),
    action("bye", "DisconnectParticipant"),
)


@dataclass
class World:
    """Two sides of one instance; `telephony`, `agent_share` and `sign_in` are the levers of a failover."""

    seed: int = 7
    agents: int = 12
    numbers_: int = 1
    telephony: dict[str, int] = field(default_factory=lambda: {EAST: 100, WEST: 0})
    agent_share: dict[str, int] = field(default_factory=lambda: {EAST: 100, WEST: 0})
    sign_in: set[str] = field(default_factory=lambda: {EAST, WEST})
    flags: dict[str, str] = field(default_factory=lambda: {EAST: "off", WEST: "off"})

    def __post_init__(self) -> None:
        self.clock = VirtualClock(START)
        self.chance = SeededChance(self.seed)
        self.network = Network(self.clock, self.chance)
        self.group = TrafficGroup(
            id="tdg",
            arn=f"arn:aws:connect:{EAST}:{ACCOUNT}:traffic-distribution-group/tdg",
            name="main",
            instance_id=INSTANCE,
            region=EAST,
            regions=(EAST, WEST),
            active_at=START,
            is_default=False,
            telephony={},
            agents={},
            sign_in={},
        )
        self.lines = [self._number(n) for n in range(self.numbers_)]
        self.sides = {region: self._site(region) for region in (EAST, WEST)}

    # What people read (`behaviour.Estate`).

    def sites(self, _account: str) -> list[Site]:
        return list(self.sides.values())

    def site(self, _account: str, instance_id: str, region: str) -> Site | None:
        return self.sides.get(region) if instance_id == INSTANCE else None

    def numbers(self, _account: str) -> list[PhoneNumber]:
        return self.lines

    def groups(self, _account: str) -> list[TrafficGroup]:
        return [self.group]

    def carriers(self, _account: str) -> list[Any]:
        return []

    def telephony_shares(self, _account: str, _number_arn: str) -> dict[str, int]:
        return dict(self.telephony)

    def agent_shares(self, _account: str, _instance_id: str) -> dict[str, int]:
        return dict(self.agent_share)

    def sign_in_regions(self, _account: str, _instance_id: str) -> frozenset[str]:
        return frozenset(self.sign_in)

    def function(self, arn: str) -> Deployed | None:
        region = arn.split(":")[3]
        return deployed(region=region, FLAG=self.flags[region]) if arn == flag_arn(region) else None

    # What tests do.

    def people(self, **given: Any) -> People:
        options: dict[str, Any] = {
            "calls_per_minute": 6,
            "estate": self,
            "find_function": self.function,
            **given,
        }
        return People(GreenletCalls(), self.clock, self.chance, self.network, ACCOUNT, **options)

    def kill(self, region: str, after_s: float = 0) -> RegionOutage:
        outage = RegionOutage(region, self.clock.now() + timedelta(seconds=after_s))
        self.network.faults.append(outage)
        return outage

    def run(self, main: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        return run_virtual(main, self.clock)

    def live(self, people: People, minutes: float, *, at: dict[float, Callable[[], object]] | None = None) -> None:
        """Run the people for so many minutes; `at` says what else happens, by minute."""

        async def day() -> None:
            people.start()
            elapsed = 0.0
            for moment, happen in sorted((at or {}).items()):
                await asyncio.sleep((moment - elapsed) * 60)
                elapsed = moment
                happen()
            await asyncio.sleep((minutes - elapsed) * 60)
            await people.stop()

        self.run(day)

    def shift(self, to: str) -> None:
        """All callers and agents to one Region."""
        self.telephony = {region: 100 if region == to else 0 for region in (EAST, WEST)}
        self.agent_share = dict(self.telephony)

    def edit(self, region: str, record: Any) -> None:
        self.sides[region].put(record)

    def contacts(self, region: str) -> list[Any]:
        return self.sides[region].contacts

    def _number(self, n: int) -> PhoneNumber:
        arn = f"arn:aws:connect:{EAST}:{ACCOUNT}:phone-number/n{n}"
        return PhoneNumber(f"n{n}", arn, f"+1206555010{n}", EAST, "US", "DID", self.group.arn, START)

    def _site(self, region: str, instance_id: str = INSTANCE, prefix: str = "u") -> Site:
        numbers = {n.arn: n for n in self.lines}
        site = Site(ACCOUNT, instance_id, region, numbers.get, is_source=region == EAST)
        with self.clock.travelling():
            site.put(Queue(id="q-sales", name="sales", hours_id="h", **MADE))
            site.put(Queue(id="q-care", name="care", hours_id="h", **MADE))
            for name, queues in {"rp": ("q-sales", "q-care"), "rp-care": ("q-care",)}.items():
                served = tuple(Served(queue, "VOICE", n + 1, 0) for n, queue in enumerate(queues))
                site.put(
                    RoutingProfile(
                        id=name, name=name, default_outbound_queue_id="q-sales", media=(), queues=served, **MADE
                    )
                )
            for n in range(self.agents):
                site.put(agent(n, prefix=prefix))
            site.put(Flow(id="f", name="main", type="CONTACT_FLOW", content=json.dumps(MAIN_FLOW), **MADE))
        for number in self.lines:
            site.number_flows[number.arn, number.rings_at] = "f"
        site.functions.add(flag_arn(region))
        return site


@dataclass
class Independent(World):
    """Two instances, each with its own users and number, joined by a Voice Connector group; `leads` is the lever."""

    leads: dict[str, int] = field(default_factory=lambda: {EAST: 100})
    closed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.instances = {EAST: INSTANCE, WEST: INSTANCE.replace("5", "6")}
        self.lines = [self._own_number(region, place) for place, region in enumerate(self.instances)]
        self.sides = {
            region: self._site(region, instance_id, prefix=region[3])
            for region, instance_id in self.instances.items()
        }  # fmt: skip

    def site(self, _account: str, instance_id: str, region: str) -> Site | None:
        return self.sides[region] if self.instances.get(region) == instance_id else None

    def groups(self, _account: str) -> list[TrafficGroup]:
        return []

    def carriers(self, _account: str) -> list[Any]:
        return [Carrier("vcg", frozenset({EAST, WEST}), dict(self.leads), frozenset(self.closed))]

    def telephony_shares(self, _account: str, _number_arn: str) -> dict[str, int]:
        raise AssertionError("the line is dialled, not one of its numbers")

    def agent_shares(self, _account: str, _instance_id: str) -> dict[str, int]:
        raise AssertionError("the staff of both instances is sent as one")

    def lead(self, to: str) -> None:
        """All calls to one Region."""
        self.leads = {to: 100}

    def _own_number(self, region: str, place: int) -> PhoneNumber:
        arn = f"arn:aws:connect:{region}:{ACCOUNT}:phone-number/n{place}"
        target = f"arn:aws:connect:{region}:{ACCOUNT}:instance/{self.instances[region]}"
        number = PhoneNumber(f"n{place}", arn, f"+1206555010{place}", region, "US", "DID", target, START)
        number.description = "sales, number 1"
        return number


def agent(n: int, profile: str = "rp", prefix: str = "u") -> Agent:
    return Agent(
        id=f"{prefix}{n:03d}",
        name=f"agent-{n:03d}",
        routing_profile_id=profile,
        security_profile_ids=("s",),
        phone_config={"PhoneType": "SOFT_PHONE"},
        **MADE,
    )


@pytest.fixture
def kit() -> Any:
    """The makers above: test folders are no packages, so tests cannot import them."""

    class Kit:
        World, Independent = World, Independent
        START, ACCOUNT, EAST, WEST, MAIN_FLOW = START, ACCOUNT, EAST, WEST, MAIN_FLOW

    Kit.action, Kit.flow, Kit.deployed, Kit.agent, Kit.zipped = map(
        staticmethod, (action, flow, deployed, agent, zipped)
    )  # type: ignore[attr-defined]
    return Kit


@pytest.fixture
def world() -> World:
    return World()
