"""A region-evacuation drill as its journal tells it, written by hand: what reports are tested on.

09:00 the journal begins, 09:06 us-east-1 goes away, 09:08 the run starts, 09:15 recovery is proven. The duty manager
takes 1m45s, DNS answers settle last, a write is throttled twice, one agent group is not critical.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from orchestrator.model import events as ev
from orchestrator.model.clock import stamp
from orchestrator.model.plan import Guard, PlannedStep, Retry
from orchestrator.model.samples import Count

if TYPE_CHECKING:
    from orchestrator.model.values import Json

EXECUTION = "4f1c2a9e-77b0-5c1e-9d55-0a8b6c3e2f10"
BEGIN = datetime(2026, 11, 10, 9, tzinfo=UTC)
OUTAGE_S, START_S, RECOVERED_S = 360, 480, 900
RUNNER = "runner@ops-laptop"
EAST, WEST = "us-east-1", "us-west-2"
HOSTILE = '<script>alert("1")</script>&"\'><img src=x onerror=alert(1)>'
SIMULATED = (
    "AWS, its Regions and network, callers, agents and approvers are simulated (scenario region-outage, seed 7)."
)


@dataclass
class Tape:
    """Collects events with rising sequence numbers; the hashes are stand-ins of the right length."""

    events: list[ev.Event] = field(default_factory=list)

    def add(self, second: float, payload: ev.Payload, actor: str = RUNNER) -> None:
        self.events.append(ev.Event(-1, EXECUTION, stamp(BEGIN + timedelta(seconds=second)), actor, payload))

    def sealed(self) -> list[ev.Event]:
        """In order of time, numbered and linked."""
        sealed: list[ev.Event] = []
        for seq, event in enumerate(sorted(self.events, key=lambda event: event.at)):
            prev = sealed[-1].hash if sealed else ""
            digest = hashlib.sha256(f"{seq}{event.at}{event.payload}{prev}".encode()).hexdigest()
            sealed.append(event.but(seq=seq, prev=prev, hash=digest))
        return sealed


def at(second: float) -> str:
    """The stamp of a second of the drill."""
    return stamp(BEGIN + timedelta(seconds=second))


def planned(key: str, action: str, kind: str, *needs: str, **more: Json) -> PlannedStep:
    """One item of the plan."""
    step = key.partition("[")[0]
    index = int(key.partition("[")[2].rstrip("]")) if "[" in key else None
    more.setdefault("title", step.replace("-", " ").capitalize())
    return PlannedStep(key=key, step=step, action=action, kind=kind, params={}, needs=needs, index=index, **more)


def plan() -> tuple[PlannedStep, ...]:
    """The steps, in topological order."""
    return (
        planned("destination-serves", "service.answers", "check", expected_s=15.0, provenance="documented"),
        planned("declare", "people.approve", "gate", expected_s=120.0, on_silence="proceed-unplanned"),
        planned("drain-queues", "connect.drain", "check", "declare", only="planned", expected_s=300.0),
        planned("emergency-answer", "ivr.flag", "setting", "declare", only="unplanned", expected_s=2.0),
        planned("agents[0]", "agents.incident_routing", "setting", "declare", expected_s=40.0, critical=False),
        planned("agents[1]", "agents.incident_routing", "setting", "declare", expected_s=40.0, critical=False),
        planned("names", "dns.evacuate", "setting", "declare", expected_s=180.0, provenance="documented"),
        planned(
            "shift",
            "connect.shift_traffic",
            "setting",
            "destination-serves",
            "declare",
            "emergency-answer",
            expected_s=10.0,
            provenance="measured",
            retry=Retry(8, 2, 30),
        ),
        planned("tell-the-centre", "notify.publish", "effect", "shift", expected_s=1.0, one_way="a message is out"),
    )


def verification() -> tuple[PlannedStep, ...]:
    """`recovered_when`."""
    return (
        planned(
            "recovered_when.answered", "service.calls_answered", "check", title="Callers are answered", expected_s=180.0
        ),
    )


def created(**changes: Json) -> ev.ExecutionCreated:
    """What the run stands on."""
    base = ev.ExecutionCreated(
        runbook="region-evacuation",
        title="Move callers, agents and names to the other Region",
        mode="unplanned",
        clock="simulated",
        simulated=SIMULATED,
        seed=7,
        runbook_sha256="ab" * 32,
        inventory_sha256="cd" * 32,
        plan_sha256="ef" * 32,
        source="version: 1\nid: region-evacuation\n",
        environments={"from": f"primary {EAST}", "to": f"standby {WEST}"},
        parameters={"from": "primary", "to": "standby", "calls_at_least": 20},
        objectives={"rto_s": 1200, "rpo_s": 60, "lost_calls": 250},
        plan=tuple(step.record() for step in plan()),
        verification=tuple(step.record() for step in verification()),
        reason="quarterly drill",
        lost=EAST,
        scenario="region-outage",
        scenario_sha256="01" * 32,
    )
    return base.but(**changes)


def region_evacuation(*, ends: bool = True, **changes: Json) -> list[ev.Event]:
    """The whole drill; `changes` go into `execution.created`, and without `ends` the judgement is missing."""
    tape = Tape()
    tape.add(0, created(**changes))
    tape.add(0, ev.LeaseTaken(RUNNER, 1))
    _calls(tape)
    _before(tape)
    _decision(tape)
    _moves(tape)
    _shift(tape)
    _recovery(tape)
    if ends:
        _judgement(tape)
    return tape.sealed()


def until(second: float, events: list[ev.Event] | None = None, **changes: Json) -> list[ev.Event]:
    """The drill as it stood at a second; `changes` as in `region_evacuation`."""
    return [event for event in (events or region_evacuation(**changes)) if event.at <= at(second)]


def served(second: float) -> list[ev.Event]:
    """The same in a cloud that another process serves, so that other terminals can steer it."""
    return until(second, seed=None)


def _before(tape: Tape) -> None:
    for check, what in (
        ("calls are answered", "39 of 40 calls answered in two minutes in us-east-1"),
        ("names point to the primary", "voice.example.com answers primary.example.com"),
        ("the standby is idle and ready", "0 calls, 48 agents in us-west-2"),
    ):
        tape.add(300, ev.Sample("steady-state", {"check": check, "holds": True, "what": what, "evidence": {}}), "drill")
    tape.add(OUTAGE_S, ev.FaultHit("region-outage", f"callers of {EAST}", 1), "drill")
    tape.add(OUTAGE_S + 420, ev.FaultHit("region-outage", f"callers of {EAST}", 168), "drill")
    tape.add(START_S + 3, ev.FaultHit("region-outage", f"connect.{EAST}.amazonaws.com", 1), "drill")


def _decision(tape: Tape) -> None:
    tape.add(START_S, ev.ExecutionMoved("running", "scenario: two minutes to notice"))
    tape.add(START_S, ev.StepStarted("destination-serves"))
    tape.add(
        START_S + 12, ev.Sample("probe", {"reading": "holds", "what": "48 agents signed in"}, "destination-serves")
    )
    tape.add(START_S + 12, ev.StepSettled("destination-serves", "done", "48 agents signed in", None, {"agents": 48}))
    tape.add(START_S, ev.StepStarted("declare"))
    asked = f"Move all callers from {EAST} to {WEST}?"
    deadline = at(START_S + 300)
    tape.add(START_S, ev.GateOpened("declare", asked, ("duty-manager",), deadline, "proceed-unplanned"))
    tape.add(START_S + 60, ev.GateEscalated("declare", "head-of-operations"))
    tape.add(START_S + 80, ev.RequestRefused("r-1", "observer", "skip", "run_by: commander", "declare", "in a hurry"))
    tape.add(START_S + 105, ev.RequestAccepted("r-2", "duty-manager", "approve", "declare", "Region is dark"))
    tape.add(START_S + 105, ev.GateAnswered("declare", "approved", "duty-manager", "Region is dark"))
    tape.add(START_S + 105, ev.StepSettled("declare", "done", "approved", None, {"by": "duty-manager"}))


def _moves(tape: Tape) -> None:
    go = START_S + 106
    tape.add(go, ev.StepSkipped("drain-queues", "only planned; the run is unplanned: not done"))
    _setting(tape, "emergency-answer", (go, go + 2), f"{WEST} flags emergency-greeting", "off", "on")
    for place, group in enumerate(("voice", "back-office")):
        users = {f"agent-{number:02d}": "normal" for number in range(24 * place, 24 * place + 24)}
        moved = dict.fromkeys(users, "incident")
        ends = go + 30 + 8 * place
        _setting(tape, f"agents[{place}]", (go, ends), f"{WEST} {group} routing profiles", users, moved, parts=24)
    throttled = ev.StepAttemptFailed("agents[1]", 1, "connect refused for its rate limit", "Throttled", 4.0, "agent-31")
    tape.add(go + 16, throttled)
    _setting(tape, "names", (go, go + 150), "voice.example.com answer", "primary.example.com", "standby.example.com")


def _shift(tape: Tape) -> None:
    go = START_S + 108
    tape.add(go, ev.StepStarted("shift"))
    tape.add(go, ev.StepBefore("shift", "traffic group telephony+agents", distribution(100, 0)))
    tape.add(go, ev.StepIntended("shift", "traffic group telephony+agents", distribution(0, 100)))
    for attempt, second in enumerate((1, 4), 1):
        error = f"UpdateTrafficDistribution in {WEST} refused for its rate limit"
        tape.add(go + second, ev.StepAttemptFailed("shift", attempt, error, "Throttled", 3.0 * attempt))
    tape.add(go + 12, ev.StepWritten("shift"))
    tape.add(go + 24, ev.StepSettled("shift", "done", "", distribution(0, 100)))
    tape.add(go + 24, ev.StepStarted("tell-the-centre"))
    tape.add(go + 24, ev.StepIntended("tell-the-centre", "topic announcements", None, "a-token"))
    tape.add(go + 25, ev.StepWritten("tell-the-centre", receipt={"message_id": "m-1"}))
    tape.add(go + 25, ev.StepSettled("tell-the-centre", "done", "", None, {"message_id": "m-1"}))


def _recovery(tape: Tape) -> None:
    settled = START_S + 106 + 150
    tape.add(settled, ev.ExecutionMoved("verifying", "all steps are settled"))
    tape.add(settled, ev.StepStarted("recovered_when.answered"))
    reading = {"reading": "pending", "what": "17 of 24 calls answered in two minutes, 95 % wanted"}
    tape.add(settled + 60, ev.Sample("probe", reading, "recovered_when.answered"))
    reason = f"41 of 42 calls answered in two minutes in {WEST}"
    tape.add(RECOVERED_S, ev.StepSettled("recovered_when.answered", "done", reason))


def _judgement(tape: Tape) -> None:
    end = RECOVERED_S
    tape.add(end, ev.ExecutionMoved("recovered", "every condition of recovered_when holds"))
    for name, declared, measured, met, note in (
        ("rto_s", 1200, 540.0, True, "from the outage to calls answered"),
        ("rpo_s", 60, None, None, "no data is replicated in this scenario"),
        ("lost_calls", 250, 204, True, "callers who never reached an agent"),
    ):
        values = {"name": name, "declared": declared, "measured": measured, "met": met, "note": note}
        tape.add(end + 60, ev.Sample("objective", values, modelled=name == "lost_calls"), "drill")
    marks = {
        "connect:GetTrafficDistribution": "extended",
        "connect:UpdateTrafficDistribution": "extended",
        "connect:UpdateUserRoutingProfile": "extended",
        "connect:SearchContacts": "extended",
        "cloudwatch:PutMetricData": "moto",
        "dynamodb:UpdateItem": "moto",
        "sns:Publish": "moto",
    }
    hosts = [f"{service}.{WEST}.amazonaws.com" for service in ("connect", "dynamodb", "monitoring", "sns")]
    tape.add(end + 60, ev.Sample("call-marks", {"marks": marks}), "drill")
    tape.add(end + 60, ev.Sample("endpoints", {"hosts": hosts}), "drill")
    reasons = ["recovered_when held", "the outage was felt 169 times", "the steady state held beforehand"]
    tape.add(end + 60, ev.Sample("verdict", {"verdict": "passed", "reasons": reasons}), "drill")
    tape.add(end + 60, ev.LeaseReleased(1))


def _setting(
    tape: Tape, key: str, span: tuple[float, float], subject: str, before: Json, after: Json, *, parts: int = 1
) -> None:
    start, end = span
    tape.add(start, ev.StepStarted(key))
    tape.add(start, ev.StepBefore(key, subject, before))
    tape.add(start, ev.StepIntended(key, subject, after))
    for part in range(1, parts + 1):
        tape.add(start + (end - start) * part / (parts + 1), ev.StepWritten(key, part, parts))
    tape.add(end, ev.StepSettled(key, "done", "", after))


def distribution(east: int, west: int) -> Json:
    """A traffic distribution as Connect gives it."""
    shares = [{"Region": EAST, "Percentage": east}, {"Region": WEST, "Percentage": west}]
    return {"TelephonyConfig": {"Distributions": shares}, "AgentConfig": {"Distributions": shares}}


def _calls(tape: Tape) -> None:
    """A minute's figures are journalled when the minute is over."""
    for minute in range(16):
        offered = 38 + (minute * 7) % 9
        tape.add(60 * minute + 60, ev.Sample("calls", calls_minute(minute, offered), modelled=True), "drill")


def calls_minute(minute: int, offered: int) -> dict[str, Json]:
    """One minute: answered in the east, swallowed from minute 6, answered in the west from minute 10."""
    share_west = {10: 0.45, 11: 0.8, 12: 0.93}.get(minute, 0.98)
    idle = dict.fromkeys((*Count, "greeted"), 0)
    east, west = {**idle, "agents": 52}, {**idle, "agents": 48}
    if minute < 6:
        east |= {"offered": offered, "answered": offered - 1, "abandoned": 1}
    elif minute < 10:
        east |= {"offered": offered, "swallowed": offered, "agents": 0}
    else:
        answered = round(offered * share_west)
        late = 4 if minute == 10 else 0
        west |= {"offered": offered - late, "answered": answered, "abandoned": offered - late - answered, "agents": 92}
        west["greeted"] = west["offered"]
        east |= {"offered": late, "swallowed": late, "agents": 0}
    totals = {name: east[name] + west[name] for name in Count}
    return {"minute": at(60 * minute), "regions": {EAST: east, WEST: west}, **totals}


def staged_move(*, ends: bool = True) -> list[ev.Event]:
    """A planned move on a real cloud: three stages with hold and guard; the second guard fails and the run pauses."""
    steps = tuple(
        planned(
            f"shift[{place}]",
            "connect.shift_traffic",
            "setting",
            *([f"shift[{place - 1}]"] if place else []),
            item=percent,
            series=True,
            last=percent == 100,
            hold_s=120.0,
            expected_s=10.0,
            guard=Guard("service.calls_answered", {}, 300.0),
        )
        for place, percent in enumerate((10, 50, 100))
    )
    tape = Tape()
    records = tuple(step.record() for step in steps)
    tape.add(0, created(mode="planned", clock="real", simulated="", seed=None, lost="", scenario="", plan=records))
    tape.add(1, ev.ExecutionMoved("running"))
    for place, percent in ((0, 10), (1, 50)):
        go, before = 2 + 140 * place, (0, 10)[place]
        tape.add(go, ev.StepStarted(f"shift[{place}]"))
        tape.add(go, ev.StepBefore(f"shift[{place}]", "traffic group", distribution(100 - before, before)))
        tape.add(go, ev.StepIntended(f"shift[{place}]", "traffic group", distribution(100 - percent, percent)))
        tape.add(go + 1, ev.StepWritten(f"shift[{place}]"))
        tape.add(go + 9, ev.StepSettled(f"shift[{place}]", "holding", "", distribution(100 - percent, percent)))
    tape.add(140, ev.StepSettled("shift[0]", "done", "guard holds: 96 % answered"))
    if ends:
        tape.add(290, ev.StepSettled("shift[1]", "failed", "guard: 71 % answered, 90 % wanted"))
        tape.add(290, ev.ExecutionMoved("paused", "step shift[1] failed: guard: 71 % answered, 90 % wanted"))
    return tape.sealed()


def hostile() -> list[ev.Event]:
    """The drill with markup wherever text comes from outside."""
    step = planned("declare", HOSTILE, "gate", title=HOSTILE)
    odd = planned("odd", "http.get", "setting", title=HOSTILE)
    plan = (step.record(), odd.record())
    base = created(
        runbook=HOSTILE,
        title=HOSTILE,
        simulated=HOSTILE,
        environments={"from": HOSTILE},
        plan=plan,
        verification=(),
        incident=HOSTILE,
        reason=HOSTILE,
        scenario=HOSTILE,
        runbook_sha256=HOSTILE,
        objectives={HOSTILE: 3},
    )
    payloads: list[ev.Payload] = [
        base,
        ev.ExecutionMoved("running", HOSTILE),
        ev.StepStarted("declare"),
        ev.GateOpened("declare", HOSTILE, (HOSTILE,), at(60), HOSTILE),
        ev.GateEscalated("declare", HOSTILE),
        ev.GateAnswered("declare", HOSTILE, HOSTILE, HOSTILE),
        ev.StepSettled("declare", "failed", HOSTILE),
        ev.StepStarted("odd"),
        ev.StepBefore("odd", HOSTILE, {HOSTILE: HOSTILE}),
        ev.StepAttemptFailed("odd", 1, HOSTILE, HOSTILE, None, HOSTILE),
        ev.StepSettled("odd", "done", HOSTILE, {HOSTILE: "x"}),
        ev.RequestRefused("r", HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE),
        ev.Sample("calls", {"minute": at(0), "regions": {HOSTILE: {"offered": 3, "answered": 3}}}),
        ev.Sample("steady-state", {"check": HOSTILE, "holds": None, "what": HOSTILE}),
        ev.Sample("objective", {"name": HOSTILE, "declared": 1, "measured": 2, "note": HOSTILE}),
        ev.Sample("call-marks", {"marks": {HOSTILE: HOSTILE}}),
        ev.Sample("endpoints", {"hosts": [HOSTILE]}),
        ev.Sample("verdict", {"verdict": HOSTILE, "reasons": [HOSTILE]}),
        ev.FaultHit(HOSTILE, HOSTILE),
        ev.Healed(HOSTILE, HOSTILE),
    ]
    return [ev.Event(seq, HOSTILE, at(seq), HOSTILE, payload) for seq, payload in enumerate(payloads)]
