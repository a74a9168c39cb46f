"""Moving calls by an Amazon Chime SDK Voice Connector group, where there is no Amazon Connect Global Resiliency.

Rules of the service (Chime SDK API reference, UpdateVoiceConnectorGroup and VoiceConnectorItem): the list given is the
whole list; priority 1 is the highest, and connectors of equal priority share the calls; calls in progress stay where
they are. Every Region with Voice Connectors has an endpoint for it (Developer Guide, "Migrating to the Amazon Chime SDK
Voice namespace"), so that of the Region which takes the calls is called.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from orchestrator.actions.answers import known, refused
from orchestrator.model.actions import Call, Check, Expected, Finding, Provenance, Reading, Setting
from orchestrator.model.parameters import Doc, Region

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orchestrator.model.actions import Cloud
    from orchestrator.model.values import Json

SERVICE = "chime-sdk-voice"


@dataclass(frozen=True)
class GroupPriorityParams:
    """Parameters of `telephony.group_priority`."""

    group: Annotated[str, Doc("the Voice Connector group's id")]
    region: Annotated[Region, Doc("where calls are to go; the call is made there")]
    connector: Annotated[str, Doc("the id of the Voice Connector there")]
    away_from: Annotated[Region, Doc("where calls may come in now")]
    other: Annotated[str, Doc("the id of the Voice Connector there, which comes next")]


class GroupPriority(Setting[GroupPriorityParams]):
    """One connector before all others of its group. A group moves all or nothing: there are no shares.

    The others keep their order; name and way of distribution are written back as they are at that moment. Refused for
    a group that lacks the connector, or is led by one that is not named: nobody could prove that its Region serves
    before calls are given back to it.

    Source: Chime SDK API reference, UpdateVoiceConnectorGroup; botocore's model of it (priorities 1 to 99).
    """

    name = "telephony.group_priority"
    summary = "let a Voice Connector group send all new calls to the connector of one Region"
    Params = GroupPriorityParams
    deadline_s: ClassVar[float | None] = 300.0
    expected = Expected(10.0, Provenance.ASSUMED, "accepted at once; new calls only")
    subject_params: ClassVar[tuple[str, ...]] = ("group",)

    @classmethod
    def calls(cls, params: GroupPriorityParams) -> tuple[Call, ...]:
        """Read and write at the destination, also to give back: that endpoint has shown that it can."""
        return (
            Call(SERVICE, "GetVoiceConnectorGroup", params.region),
            Call(SERVICE, "UpdateVoiceConnectorGroup", params.region, write=True),
        )

    def subject(self, params: GroupPriorityParams) -> str:
        """The group's priorities."""
        return f"chime:voice-connector-group:{params.group}"

    def observe(self, params: GroupPriorityParams) -> Json:
        """`{connector: priority}`."""
        looked = self.calls(params)[0]
        return _priorities(_group(self.cloud, params.group, looked), looked)

    def target(self, params: GroupPriorityParams, before: Json) -> Json:
        """The connector first, alone; the others in their order behind it.

        Raises:
            Rejected: it is not in the group, or one that is not named leads.
        """
        looked = self.calls(params)[0]
        if params.connector not in before:
            what = f"Voice Connector {params.connector} is not in group {params.group}"
            raise refused(what, looked, "NotInGroup", "name the group's connector in that Region")
        if strangers := _leading(before) - {params.connector, params.other}:
            what = f"group {params.group} is led by {', '.join(sorted(strangers))}, which is neither side's"
            raise refused(what, looked, "NotInGroup", "name the connector that calls go to now as `other`")
        if _leading(before) == {params.connector}:
            return before
        behind = {each: priority for each, priority in before.items() if each != params.connector}
        ranks = {priority: rank for rank, priority in enumerate(sorted(set(behind.values())), 2)}
        return {params.connector: 1, **{each: ranks[priority] for each, priority in behind.items()}}

    def write(self, params: GroupPriorityParams, part: Json) -> None:
        """The whole list; what else the operation wants is as it is."""
        looked = self.calls(params)[0]
        now = _group(self.cloud, params.group, looked)
        kept = {key: now[key] for key in ("CallDistributionType",) if key in now}
        self.cloud.client(SERVICE, params.region).update_voice_connector_group(
            VoiceConnectorGroupId=params.group,
            Name=known(now, "Name", f"group {params.group}", looked),
            VoiceConnectorItems=[{"VoiceConnectorId": each, "Priority": part[each]} for each in sorted(part)],
            **kept,
        )

    def gains(self, params: GroupPriorityParams, now: Json, value: Json) -> tuple[str, ...]:
        """The Region of a connector that would lead and does not now."""
        regions = {params.connector: params.region, params.other: params.away_from}
        return tuple(sorted({regions[each] for each in _leading(value) - _leading(now) if each in regions}))


@dataclass(frozen=True)
class LeadsToParams:
    """Parameters of `telephony.leads_to`."""

    group: Annotated[str, Doc("the Voice Connector group's id")]
    region: Annotated[Region, Doc("where calls should go; the call is made there")]
    connector: Annotated[str, Doc("the id of the Voice Connector there")]


class LeadsTo(Check[LeadsToParams]):
    """A Voice Connector group sends all new calls to one connector: that a move is whole.

    Fails at once where the group does not have the connector.

    Source: Chime SDK API reference, GetVoiceConnectorGroup.
    """

    name = "telephony.leads_to"
    summary = "whether a Voice Connector group sends all new calls to the connector of one Region"
    Params = LeadsToParams
    deadline_s: ClassVar[float | None] = 60.0
    expected = Expected(1.0, Provenance.ASSUMED)

    @classmethod
    def calls(cls, params: LeadsToParams) -> tuple[Call, ...]:
        """One read at the destination."""
        return (Call(SERVICE, "GetVoiceConnectorGroup", params.region),)

    def probe(self, params: LeadsToParams) -> Finding:
        """Ask for the group's priorities."""
        looked = self.calls(params)[0]
        priorities = _priorities(_group(self.cloud, params.group, looked), looked)
        evidence = {"region": params.region, "priorities": dict(priorities)}
        if params.connector not in priorities:
            return Finding(Reading.FAILS, f"the group has no Voice Connector {params.connector}", evidence)
        leading = sorted(_leading(priorities))
        if leading == [params.connector]:
            return Finding(Reading.HOLDS, f"all new calls go to the Voice Connector in {params.region}", evidence)
        what = f"new calls go to {' and '.join(leading)}, not to {params.connector} in {params.region} alone"
        return Finding(Reading.PENDING, what, evidence)


def _group(cloud: Cloud, group: str, looked: Call) -> Mapping[str, Any]:
    found = cloud.client(SERVICE, looked.region).get_voice_connector_group(VoiceConnectorGroupId=group)
    return known(found, "VoiceConnectorGroup", f"group {group}", looked)  # type: ignore[no-any-return] # boto3's


def _priorities(group: Mapping[str, Any], looked: Call) -> dict[str, int]:
    whose = "a member of the group"
    return {
        known(item, "VoiceConnectorId", whose, looked): known(item, "Priority", whose, looked)
        for item in group.get("VoiceConnectorItems") or ()
    }


def _leading(priorities: Mapping[str, int]) -> set[str]:
    """The connectors that share the highest priority, which is the lowest number."""
    highest = min(priorities.values(), default=0)
    return {connector for connector, priority in priorities.items() if priority == highest}
