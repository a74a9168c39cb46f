from __future__ import annotations

import asyncio
from typing import Any

import pytest

from drills.simulator.flows import STEPS_MAX, walk
from drills.simulator.walks import Admission, Ending, FunctionFailed, Walk
from orchestrator.model.errors import NotSimulated

DATA = {"AwsRegion": "us-west-2", "SystemEndpoint": {"Address": "+12065550100"}, "ContactId": "c"}


class Instance:
    """Remembers what a flow did; `answer` is the function's, an exception is raised."""

    def __init__(self, answer: Any = None, admission: Admission = Admission.QUEUED) -> None:
        self.answer, self.admission = answer or {}, admission
        self.invoked: list[tuple[str, dict[str, str], int, bool]] = []
        self.waited: list[float] = []
        self.queues = {"q", "q-full"}
        self.modules: dict[str, Any] = {}
        self.hours = {"q": True, "q-full": False, "nights": False}

    async def invoke(self, arn: str, parameters: Any, *, limit_s: int, flat: bool) -> Any:
        self.invoked.append((arn, dict(parameters), limit_s, flat))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def play(self, text: str) -> None:
        pass

    async def pause(self, seconds: float) -> None:
        self.waited.append(seconds)

    def module(self, module_id: str) -> Any:
        return self.modules.get(module_id)

    def is_open(self, *, hours_id: str, queue_id: str) -> bool | None:
        return self.hours.get(hours_id or queue_id)

    def has_queue(self, queue_id: str) -> bool:
        return queue_id in self.queues

    def enqueue(self, queue_id: str) -> Admission:
        return Admission.AT_CAPACITY if queue_id == "q-full" else self.admission


def walked(content: Any, instance: Instance | None = None) -> Walk:
    return asyncio.run(walk(content, instance or Instance(), DATA))


def test_a_call_in_a_queue_ends_the_walk_with_the_queue(kit: Any) -> None:
    path = walked(
        kit.flow(
            kit.action("set", "UpdateContactTargetQueue", "go", QueueId="q"),
            kit.action("go", "TransferContactToQueue", "x"),
        )
    )
    assert (path.ending, path.queue_id) == (Ending.QUEUED, "q")


def test_a_queue_may_be_named_by_arn(kit: Any) -> None:
    arn = "arn:aws:connect:us-east-1:123456789012:instance/i/queue/q"
    path = walked(
        kit.flow(
            kit.action("set", "UpdateContactTargetQueue", "go", QueueId=arn),
            kit.action("go", "TransferContactToQueue", "x"),
        )
    )
    assert path.queue_id == "q"


def test_a_full_queue_takes_the_branch_for_capacity_and_is_remembered(kit: Any) -> None:
    path = walked(
        kit.flow(
            kit.action("set", "UpdateContactTargetQueue", "go", QueueId="q-full"),
            kit.action(
                "go", "TransferContactToQueue", "x", errors={"NoMatchingError": "wrong", "QueueAtCapacity": "sorry"}
            ),
            kit.action("sorry", "MessageParticipant", "bye", Text="Full"),
            kit.action("bye", "DisconnectParticipant"),
        )
    )
    assert (path.ending, path.at_capacity, [h.text for h in path.heard]) == (Ending.DISCONNECTED, True, ["Full"])


def test_a_queue_that_does_not_exist_or_refuses_takes_the_error_branch(kit: Any) -> None:
    for queue, admission in (("nowhere", Admission.QUEUED), ("q", Admission.REFUSED)):
        path = walked(
            kit.flow(
                kit.action("set", "UpdateContactTargetQueue", "go", errors={"NoMatchingError": "bye"}, QueueId=queue),
                kit.action("go", "TransferContactToQueue", "x", errors={"NoMatchingError": "bye"}),
                kit.action("bye", "DisconnectParticipant"),
            ),
            Instance(admission=admission),
        )
        assert path.ending is Ending.DISCONNECTED
        assert queue in path.reason


def test_a_flow_that_has_calls_recorded_goes_on(kit: Any) -> None:
    behaviour = {"RecordedParticipants": ["Agent", "Customer"]}
    path = walked(
        kit.flow(
            kit.action("record", "UpdateContactRecordingBehavior", "say", RecordingBehavior=behaviour),
            kit.action("say", "MessageParticipant", "bye", Text="Hello"),
            kit.action("bye", "DisconnectParticipant"),
        )
    )
    assert (path.ending, [prompt.text for prompt in path.heard]) == (Ending.DISCONNECTED, ["Hello"])


def test_an_error_without_a_branch_breaks_the_call(kit: Any) -> None:
    path = walked(kit.flow(kit.action("go", "TransferContactToQueue", "x")))
    assert path.ending is Ending.BROKEN
    assert "TransferContactToQueue" in path.reason


def test_a_function_is_named_by_the_region_that_runs_the_flow_and_answers_under_external(kit: Any) -> None:
    instance = Instance(answer={"flag": "on"})
    path = walked(
        kit.flow(
            kit.action(
                "ask",
                "InvokeLambdaFunction",
                "say",
                LambdaFunctionARN="arn:aws:lambda:$.AwsRegion:1:function:f",
                InvocationTimeLimitSeconds="5",
                LambdaInvocationAttributes={"dialled": "$.SystemEndpoint.Address"},
                ResponseValidation={"ResponseType": "JSON"},
            ),
            kit.action("say", "MessageParticipant", "bye", Text="The flag is $.External.flag."),
            kit.action("bye", "DisconnectParticipant"),
        ),
        instance,
    )
    assert instance.invoked == [("arn:aws:lambda:us-west-2:1:function:f", {"dialled": "+12065550100"}, 5, False)]
    assert path.heard[0].text == "The flag is on."


def test_a_failed_function_leaves_nothing_under_external_and_takes_its_branch(kit: Any) -> None:
    ask = {"LambdaFunctionARN": "f"}
    path = walked(
        kit.flow(
            kit.action("ask", "InvokeLambdaFunction", "ask-again", errors={"NoMatchingError": "wrong"}, **ask),
            kit.action("wrong", "MessageParticipant", "bye", Text="[$.External.flag]"),
            kit.action("bye", "DisconnectParticipant"),
        ),
        Instance(answer=FunctionFailed("it is gone")),
    )
    assert ([h.text for h in path.heard], path.reason) == (["[]"], "it is gone")


def compare_flow(kit: Any) -> Any:
    return kit.flow(
        kit.action("ask", "InvokeLambdaFunction", "flag?", LambdaFunctionARN="f"),
        kit.action("flag?", "Compare", "", errors={"NoMatchingCondition": "line?"}, ComparisonValue="$.External.flag")
        | {
            "Transitions": {
                "NextAction": "line?",
                "Errors": [{"ErrorType": "NoMatchingCondition", "NextAction": "line?"}],
                "Conditions": [{"NextAction": "alarm", "Condition": {"Operator": "Equals", "Operands": ["on"]}}],
            }
        },
        kit.action("alarm", "MessageParticipant", "line?", Text="Alarm"),
        kit.action(
            "line?",
            "Compare",
            "hello",
            errors={"NoMatchingCondition": "hello"},
            when={"x": "bye"},
            ComparisonValue="$.ContactId",
        ),
        kit.action("hello", "MessageParticipant", "bye", Text="Hello"),
        kit.action("bye", "DisconnectParticipant"),
    )


def test_a_prompt_knows_the_comparison_that_led_straight_to_it(kit: Any) -> None:
    on, off = (walked(compare_flow(kit), Instance(answer={"flag": flag})) for flag in ("on", "off"))
    assert [h.text for h in on.heard] == ["Alarm", "Hello"]
    assert on.heard_because("$.External.flag", "on")
    assert on.heard[1].led_by is None
    assert [h.text for h in off.heard] == ["Hello"]
    assert not off.heard_because("$.External.flag", "on")


def test_a_wait_lasts_as_long_as_it_says_and_follows_its_condition(kit: Any) -> None:
    instance = Instance()
    path = walked(
        kit.flow(
            kit.action("w", "Wait", "x", when={"WaitCompleted": "bye"}, TimeLimitSeconds="30"),
            kit.action("bye", "DisconnectParticipant"),
        ),
        instance,
    )
    assert (instance.waited, path.ending) == ([30.0], Ending.DISCONNECTED)


def test_a_loop_ends_after_a_bounded_number_of_actions(kit: Any) -> None:
    path = walked(kit.flow(kit.action("again", "MessageParticipant", "again", Text="Again")))
    assert path.ending is Ending.BROKEN
    assert len(path.heard) == STEPS_MAX


def test_a_flow_that_names_an_action_it_lacks_is_broken(kit: Any) -> None:
    path = walked(kit.flow(kit.action("say", "MessageParticipant", "gone", Text="Hello")))
    assert (path.ending, path.reason) == (Ending.BROKEN, "no action is called 'gone'")


@pytest.mark.parametrize(
    ("kind", "given", "named"),
    [
        ("EndFlowModuleExecution", {}, "outside of a flow module"),
        ("GetParticipantInput", {}, "GetParticipantInput"),
        ("InvokeLambdaFunction", {"LambdaFunctionARN": "f", "InvocationType": "ASYNCHRONOUS"}, "asynchronous"),
        ("MessageParticipant", {"PromptId": "p"}, "MessageParticipant"),
        ("MessageParticipant", {"Text": "$.StoredCustomerInput"}, "StoredCustomerInput"),
        ("UpdateContactRecordingBehavior", {"AnalyticsBehavior": {"Enabled": "True"}}, "agent and customer"),
        ("UpdateContactRecordingBehavior", {"RecordingBehavior": {"IVRRecordingBehavior": "Enabled"}}, "agent and"),
        ("UpdateContactTargetQueue", {"AgentId": "a"}, "QueueId"),
        ("Wait", {"TimeoutSeconds": "5", "Events": ["CustomerReturned"]}, "Wait"),
    ],
)
def test_what_has_no_rules_is_not_simulated(kit: Any, kind: str, given: Any, named: str) -> None:
    with pytest.raises(NotSimulated, match=named):
        walked(kit.flow(kit.action("it", kind, "x", **given)))


def test_another_operator_and_another_version_are_not_simulated(kit: Any) -> None:
    compare = kit.action("it", "Compare", "x", when={"1": "x"}, ComparisonValue="$.ContactId")
    compare["Transitions"]["Conditions"][0]["Condition"]["Operator"] = "NumberGreaterThan"
    with pytest.raises(NotSimulated, match="NumberGreaterThan"):
        walked(kit.flow(compare))
    with pytest.raises(NotSimulated, match="1999"):
        walked({**kit.flow(compare), "Version": "1999"})


def _open(kit: Any, queue: str = "q", **given: Any) -> str:
    """What a caller hears of a flow that checks hours of operation."""
    path = walked(
        kit.flow(
            kit.action("set", "UpdateContactTargetQueue", "check", QueueId=queue),
            kit.action(
                "check",
                "CheckHoursOfOperation",
                "unknown",
                errors={"NoMatchingError": "unknown"},
                when={"True": "open", "False": "closed"},
                **given,
            ),
            *(kit.action(each, "MessageParticipant", "bye", Text=each) for each in ("open", "closed", "unknown")),
            kit.action("bye", "DisconnectParticipant"),
        )
    )
    return "".join(prompt.text for prompt in path.heard)


def test_hours_are_those_of_the_queue_unless_others_are_named(kit: Any) -> None:
    assert _open(kit) == "open"
    assert _open(kit, "q-full") == "closed"
    nights = "arn:aws:connect:us-west-2:123456789012:instance/i/operating-hours/nights"
    assert _open(kit, HoursOfOperationId=nights) == "closed"
    assert _open(kit, HoursOfOperationId="nobodys") == "unknown"


def _invoking(kit: Any, *module: Any, answer: Any = None) -> Walk:
    """A walk through a flow that asks, invokes a module, and says what it knows then."""
    instance = Instance(answer)
    instance.modules["m"] = kit.flow(*module) if module else None
    return walked(
        kit.flow(
            kit.action("ask", "InvokeLambdaFunction", "first", LambdaFunctionARN="f"),
            kit.action("first", "InvokeFlowModule", "said", errors={"NoMatchingError": "failed"}, FlowModuleId="m"),
            kit.action("said", "MessageParticipant", "bye", Text="back, $.External.flag"),
            kit.action("failed", "MessageParticipant", "bye", Text="failed"),
            kit.action("bye", "DisconnectParticipant"),
        ),
        instance,
    )


def test_a_module_returns_to_the_action_behind_the_one_that_invoked_it(kit: Any) -> None:
    path = _invoking(
        kit,
        kit.action("say", "MessageParticipant", "end", Text="in the module"),
        kit.action("end", "EndFlowModuleExecution"),
        answer={"flag": "on"},
    )
    assert [prompt.text for prompt in path.heard] == ["in the module", "back, on"]
    assert path.ending is Ending.DISCONNECTED


def test_what_a_function_answered_stays_with_the_flow_that_asked(kit: Any) -> None:
    path = _invoking(
        kit,
        kit.action("say", "MessageParticipant", "end", Text="the flag is '$.External.flag'"),
        kit.action("end", "EndFlowModuleExecution"),
        answer={"flag": "on"},
    )
    assert [prompt.text for prompt in path.heard] == ["the flag is ''", "back, on"]


def test_a_module_that_does_not_exist_takes_the_error_branch(kit: Any) -> None:
    path = _invoking(kit)
    assert [prompt.text for prompt in path.heard] == ["failed"]
    assert "flow module 'm'" in path.reason


def test_a_module_may_end_the_call_itself(kit: Any) -> None:
    path = _invoking(kit, kit.action("over", "DisconnectParticipant"))
    assert (path.ending, path.heard) == (Ending.DISCONNECTED, [])


def test_a_module_without_an_end_breaks_the_call(kit: Any) -> None:
    path = _invoking(kit, kit.action("say", "MessageParticipant", "said", Text="x"))
    assert (path.ending, path.reason) == (Ending.BROKEN, "no action is called 'said'")


def test_modules_in_modules_are_not_simulated(kit: Any) -> None:
    with pytest.raises(NotSimulated, match="invokes another"):
        _invoking(kit, kit.action("again", "InvokeFlowModule", "again", FlowModuleId="m"))
