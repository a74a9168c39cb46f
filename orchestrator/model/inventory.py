"""What exists: the contract between the stacks, which write it, and the runbooks, which read it.

Field names are those that `stacks/` exports and that runbook expressions walk (`${to.connect.instance_id}`).
"""

from __future__ import annotations

import hashlib
import re
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field

from orchestrator.model import shapes

if TYPE_CHECKING:
    from collections.abc import Mapping

RegionName = Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+){1,2}-\d$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Queue(_Part):
    """A Connect queue; `max_contacts` None means the instance's own limit."""

    id: str
    max_contacts: int | None = None
    hours_id: str


class AgentGroup(_Part):
    """Agents that move together between their normal and their incident routing profile."""

    user_ids: list[str]
    normal_profile: str
    incident_profile: str


class Number(_Part):
    """A claimed phone number, by ARN (never the number itself)."""

    id: str
    arn: str
    purpose: str
    priority: int = 100


class Connect(_Part):
    """One side's contact centre. Under Global Resiliency both sides name the same instance and groups."""

    instance_id: str
    instance_arn: str
    sign_in_url: str = ""
    traffic_group_arn: str = ""
    default_traffic_group_arn: str = ""
    queues: dict[str, Queue] = {}
    hours: dict[str, str] = {}
    routing_profiles: dict[str, str] = {}
    security_profiles: dict[str, str] = {}
    flows: dict[str, str] = {}
    flow_modules: dict[str, str] = {}
    quick_connects: dict[str, str] = {}
    agent_groups: dict[str, AgentGroup] = {}
    numbers: list[Number] = []


class Metric(_Part):
    """A CloudWatch metric: the data-plane lever that an alarm behind a health check watches."""

    namespace: str
    name: str


class Telephony(_Part):
    """Voice Connectors and SIP rules, where calls do not come straight to Connect."""

    voice_connector_id: str = ""
    group_id: str = ""
    sip_rule_id: str = ""


class Desktops(_Part):
    """WorkSpaces of remote agents."""

    directory_id: str = ""
    ids: list[str] = []


class Bot(_Part):
    """A Lex V2 bot and the alias in use."""

    bot_id: str
    alias_id: str


class Environment(_Part):
    """One side: everything that lives in its Region."""

    role: Literal["primary", "standby"]
    region: RegionName
    account: str
    front_door_target: str
    """The name that the front door's record for this side points at."""
    flags_table: str
    evidence_bucket: str = ""
    key_arn: str = ""
    topics: dict[str, str] = {}
    lambdas: dict[str, str] = {}
    bots: dict[str, Bot] = {}
    evacuation_metric: Metric
    recovery_role_arn: str = ""
    telephony: Telephony = Telephony()
    desktops: Desktops = Desktops()
    connect: Connect


class Record(_Part):
    """A DNS record set that failover moves; `ttl` in seconds."""

    type: str
    set_ids: list[str]
    ttl: int


class HealthChecks(_Part):
    """Route 53 health check ids of the front door's two records."""

    primary: str
    standby: str


class Global(_Part):
    """What is neither side's."""

    zone_id: str
    front_door_name: str
    records: dict[str, Record]
    health_checks: HealthChecks
    run_table: str
    run_table_regions: list[RegionName]


class Inventory(_Part):
    """The snapshot that an execution reads. `digest` is SHA-256 over the rest; empty until `sealed`."""

    version: Literal[1] = 1
    taken_at: str
    digest: str = ""
    continuity: Literal["global-resiliency", "independent-instances"]
    global_: Global = Field(alias="global")
    primary: Environment
    standby: Environment

    @property
    def provisional(self) -> bool:
        """Whether it was taken before the standby was up: enough to execute prepare-standby, and nothing else."""
        return not (self.standby.flags_table or self.standby.front_door_target)

    def sealed(self) -> Inventory:
        """The same inventory with its digest filled in (`taken_at` and `digest` themselves are not covered)."""
        body = self.model_dump_json(by_alias=True, exclude={"digest", "taken_at"})
        return self.model_copy(update={"digest": hashlib.sha256(body.encode()).hexdigest()})


def types() -> Mapping[str, shapes.Shape]:
    """The shapes behind `global`, `primary` and `standby`, which runbook expressions are checked against."""
    side = _shape(Environment)
    return {"global": _shape(Global), "primary": side, "standby": side}


def _shape(wanted: Any) -> shapes.Shape:
    """The shape of an annotation; `X | None` is X, for null is told where it is met."""
    if isinstance(wanted, type) and issubclass(wanted, BaseModel):
        name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", wanted.__name__).lower()
        fields = {field.alias or key: _shape(field.annotation) for key, field in wanted.model_fields.items()}
        return shapes.Record(name, fields)
    origin, inner = get_origin(wanted), get_args(wanted)
    if origin is Literal:
        return shapes.Scalar("text", tuple(map(str, inner)))
    if origin is dict:
        return shapes.Members(_shape(inner[1]))
    if origin is list:
        return shapes.ListOf(_shape(inner[0]))
    if origin in (Annotated, Union, UnionType):
        return _shape(inner[0])
    return {str: shapes.TEXT, int: shapes.NUMBER, float: shapes.NUMBER, bool: shapes.BOOLEAN}.get(
        wanted, shapes.UNKNOWN
    )
