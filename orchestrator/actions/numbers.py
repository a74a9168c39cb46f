"""Claimed phone numbers: where they lead, and which flow answers them.

A number's target is asked for in the number's own Region and changed behind the scenes, its flow is attached in each
Region apart. In Pulumi the targets have two owners, which is why runbooks own them (docs/adr/0006).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from orchestrator.actions.answers import gave_up, known, listed, refused
from orchestrator.model.actions import Call, Expected, Provenance, Setting
from orchestrator.model.parameters import Doc, Region

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchestrator.model.errors import CloudError
    from orchestrator.model.values import Json

CLAIMED, FAILED = "CLAIMED", "FAILED"
"""How a change of a number ends (botocore, PhoneNumberWorkflowStatus); until then it is IN_PROGRESS."""


@dataclass(frozen=True)
class NumberTargetParams:
    """Parameters of `connect.number_target`."""

    region: Annotated[Region, Doc("the number's own Region; a target elsewhere is refused by the service")]
    number: Annotated[str, Doc("phone number id")]
    target: Annotated[str, Doc("ARN of an instance or a traffic distribution group")]


class NumberTarget(Setting[NumberTargetParams]):
    """Where a claimed number leads. Its flow is not taken along: `connect.number_flow` must follow.

    A change that failed earlier is asked for anew; one that fails while it is awaited fails the step at once, with the
    service's reason (often: the target has its limit of numbers).

    Source: Connect API reference, UpdatePhoneNumber (same Region; the flow is not migrated) and DescribePhoneNumber
    (IN_PROGRESS, CLAIMED, FAILED).
    """

    name = "connect.number_target"
    summary = "point a claimed number at an instance or traffic distribution group of its Region"
    Params = NumberTargetParams
    deadline_s: ClassVar[float | None] = 600.0
    interval_s = 10.0
    expected = Expected(30.0, Provenance.ASSUMED, "asynchronous; seconds to minutes")
    subject_params: ClassVar[tuple[str, ...]] = ("number",)

    @classmethod
    def calls(cls, params: NumberTargetParams) -> tuple[Call, ...]:
        """Read and write in the number's Region."""
        return (
            Call("connect", "DescribePhoneNumber", params.region),
            Call("connect", "UpdatePhoneNumber", params.region, write=True),
        )

    def subject(self, params: NumberTargetParams) -> str:
        """The number's target."""
        return f"connect:number-target:{params.number}"

    def observe(self, params: NumberTargetParams) -> Json:
        """`{"target", "status", "reason"}`; the reason is the service's, and empty unless a change failed.

        Raises:
            ServiceTrouble: the answer lacks the number, its target or its status.
        """
        looked, of = self.calls(params)[0], f"number {params.number}"
        found = self.cloud.client("connect", params.region).describe_phone_number(PhoneNumberId=params.number)
        number = known(found, "ClaimedPhoneNumberSummary", of, looked)
        state = known(number, "PhoneNumberStatus", of, looked)
        status = known(state, "Status", of, looked)
        reason = state.get("Message", "") if status == FAILED else ""
        return {"target": known(number, "TargetArn", of, looked), "status": status, "reason": reason}

    def target(self, params: NumberTargetParams, before: Json) -> Json:  # noqa: ARG002
        """The new target, claimed."""
        return {"target": params.target, "status": CLAIMED, "reason": ""}

    def parts(self, params: NumberTargetParams, before: Json, target: Json) -> Sequence[Json]:  # noqa: ARG002
        """Nothing to write while the change is under way."""
        return () if before["target"] == target["target"] and before["status"] != FAILED else (target,)

    def write(self, params: NumberTargetParams, part: Json) -> None:
        """Ask for the change."""
        self.cloud.client("connect", params.region).update_phone_number(
            PhoneNumberId=params.number, TargetArn=part["target"]
        )

    def settled(self, params: NumberTargetParams, target: Json, now: Json) -> bool:  # noqa: ARG002
        """At the target and claimed, whatever its status was when the target was captured."""
        return bool(now["target"] == target["target"] and now["status"] == CLAIMED)

    def given_up(self, params: NumberTargetParams, now: Json) -> CloudError | None:
        """A change that failed stays failed."""
        if now["status"] != FAILED:
            return None
        remedy = "make room at the target, or name another one, and run this again"
        return gave_up(f"number {params.number}", FAILED, now["reason"], self.calls(params)[0], remedy)


@dataclass(frozen=True)
class NumberFlowParams:
    """Parameters of `connect.number_flow`."""

    region: Annotated[Region, Doc("the Region whose flow is attached; a group's number needs one in each")]
    instance: Annotated[str, Doc("instance id")]
    number: Annotated[str, Doc("the number's ARN (a bare id is not found in the replica's Region)")]
    flow: Annotated[str, Doc("contact flow id")]


class NumberFlow(Setting[NumberFlowParams]):
    """The flow that a number's callers meet in one Region.

    There is no going back to no flow at all: nothing would answer the number, so such a return is refused.

    Source: Connect API reference, AssociatePhoneNumberContactFlow (full ARN from the replica's Region) and
    ListFlowAssociations.
    """

    name = "connect.number_flow"
    summary = "attach a contact flow to a number, in one Region"
    Params = NumberFlowParams
    deadline_s: ClassVar[float | None] = 300.0
    expected = Expected(2.0, Provenance.ASSUMED)
    subject_params: ClassVar[tuple[str, ...]] = ("region", "number")

    @classmethod
    def calls(cls, params: NumberFlowParams) -> tuple[Call, ...]:
        """Read and write in that Region."""
        return (
            Call("connect", "ListFlowAssociations", params.region),
            Call("connect", "AssociatePhoneNumberContactFlow", params.region, write=True),
        )

    def subject(self, params: NumberFlowParams) -> str:
        """The number's flow there."""
        return f"connect:number-flow:{params.region}:{params.number}"

    def observe(self, params: NumberFlowParams) -> Json:
        """The flow's id, or empty.

        Raises:
            ServiceTrouble: an association is answered without its number or its flow.
        """
        looked, short = self.calls(params)[0], _id(params.number)
        connect = self.cloud.client("connect", params.region)
        for one in listed(
            connect, "list_flow_associations", "FlowAssociationSummaryList",
            InstanceId=params.instance, ResourceType="VOICE_PHONE_NUMBER",
        ):  # fmt: skip
            if _id(known(one, "ResourceId", "a flow association", looked)) == short:
                return _id(known(one, "FlowId", f"the flow association of number {short}", looked))
        return ""

    def target(self, params: NumberFlowParams, before: Json) -> Json:  # noqa: ARG002
        """The flow asked for."""
        return _id(params.flow)

    def write(self, params: NumberFlowParams, part: Json) -> None:
        """Attach.

        Raises:
            Rejected: no flow is named; there is no going back to a number that nothing answers.
        """
        if not part:
            what = f"number {params.number} had no flow in {params.region} before, and then nothing answers it"
            raise refused(what, self.calls(params)[1], "NoFlow", "name the flow that should answer it")
        self.cloud.client("connect", params.region).associate_phone_number_contact_flow(
            PhoneNumberId=params.number, InstanceId=params.instance, ContactFlowId=part
        )


def _id(arn_or_id: str) -> str:
    return arn_or_id.rsplit("/", 1)[-1]
