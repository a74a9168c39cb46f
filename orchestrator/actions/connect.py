"""Moving traffic and sign-in between the two Regions of a traffic distribution group.

Rules of the service (Connect API reference, UpdateTrafficDistribution; Administrator Guide, "Update telephony traffic
distribution" and "Update agent distribution"): shares in steps of 10 that sum to 100, called in the Region that takes
the traffic with the group's full ARN, on an ACTIVE group; sign-in on the default group only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from orchestrator.actions.answers import refused
from orchestrator.model.actions import Call, Check, Expected, Finding, Provenance, Reading, Setting
from orchestrator.model.parameters import Doc, Percent, Region, Rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchestrator.model.values import Json

_CONFIGS = {"telephony": "TelephonyConfig", "agents": "AgentConfig"}
STEP = 10
"""Percent (botocore, Distribution: "in increments of 10")."""


def _in_tens(percent: Percent) -> str:
    return f"is {percent}, must be in steps of {STEP}" if percent % STEP else ""


@dataclass(frozen=True)
class ShiftTrafficParams:
    """Parameters of `connect.shift_traffic`."""

    group: Annotated[str, Doc("the traffic distribution group's full ARN")]
    region: Annotated[Region, Doc("the Region that takes the traffic; the call is made there")]
    percent: Annotated[Percent, Doc("its share at least, in steps of 10")]
    rules: ClassVar[tuple[Rule, ...]] = (Rule(_in_tens, "percent"),)


class ShiftTraffic(Setting[ShiftTrafficParams]):
    """Telephony and agents of a group, in one call. A floor: the destination's share never goes down by it.

    Affects new contacts only; contacts already queued stay where they are, agents on a contact finish it first. Refused
    for a group that does not span the Region and one other.

    Source: Connect API reference, UpdateTrafficDistribution (in the Region that takes the traffic; steps of 10 %).
    """

    name = "connect.shift_traffic"
    continuity = "global-resiliency"
    summary = "move a share of callers and agents to the Region, in one call (a floor, never lowered)"
    Params = ShiftTrafficParams
    deadline_s: ClassVar[float | None] = 300.0
    expected = Expected(3.0, Provenance.DOCUMENTED, "accepted within seconds; new contacts only")
    subject_params: ClassVar[tuple[str, ...]] = ("group",)

    @classmethod
    def calls(cls, params: ShiftTrafficParams) -> tuple[Call, ...]:
        """Read and write at the destination."""
        return (
            Call("connect", "GetTrafficDistribution", params.region),
            Call("connect", "UpdateTrafficDistribution", params.region, write=True),
        )

    def subject(self, params: ShiftTrafficParams) -> str:
        """The group's shares."""
        return f"connect:traffic-distribution:{params.group}"

    def observe(self, params: ShiftTrafficParams) -> Json:
        """`{"telephony": {region: percent}, "agents": {region: percent}}`."""
        found = self.cloud.client("connect", params.region).get_traffic_distribution(Id=params.group)
        return {key: _shares(found.get(config, {})) for key, config in _CONFIGS.items()}

    def target(self, params: ShiftTrafficParams, before: Json) -> Json:
        """Both configurations with the destination at its share or above.

        Raises:
            Rejected: the group does not span the destination and one other Region.
        """
        return {key: _raised(shares, params) for key, shares in before.items()}

    @classmethod
    def return_calls(cls, params: ShiftTrafficParams, region: str) -> tuple[Call, ...]:
        """A return is written in the Region that gains by it."""
        return (*cls.calls(params), Call("connect", "UpdateTrafficDistribution", region, write=True))

    def parts(self, params: ShiftTrafficParams, before: Json, target: Json) -> Sequence[Json]:
        """One full-state update, to be called in the Region that gains (API reference: it takes the traffic)."""
        gaining = self.gains(params, before, target) or (params.region,)
        return ({"at": gaining[0], "shares": target},)

    def write(self, params: ShiftTrafficParams, part: Json) -> None:
        """One full-state update."""
        configs = {_CONFIGS[key]: {"Distributions": _distributions(shares)} for key, shares in part["shares"].items()}
        self.cloud.client("connect", part["at"]).update_traffic_distribution(Id=params.group, **configs)

    def gains(self, params: ShiftTrafficParams, now: Json, value: Json) -> tuple[str, ...]:  # noqa: ARG002
        """Regions whose share of callers or of agents would grow."""
        growing = {r for key, shares in value.items() for r, share in shares.items() if share > now[key].get(r, 0)}
        return tuple(sorted(growing))


class TrafficAt(Check[ShiftTrafficParams]):
    """Callers and agents of a group are sent to the Region at this share or above: that a move is whole.

    Source: Connect API reference, GetTrafficDistribution.
    """

    name = "connect.traffic_at"
    continuity = "global-resiliency"
    summary = "whether the Region takes at least this share of callers and agents"
    Params = ShiftTrafficParams
    deadline_s: ClassVar[float | None] = 60.0
    expected = Expected(1.0, Provenance.ASSUMED)

    @classmethod
    def calls(cls, params: ShiftTrafficParams) -> tuple[Call, ...]:
        """One read at the destination."""
        return ShiftTraffic.calls(params)[:1]

    def probe(self, params: ShiftTrafficParams) -> Finding:
        """Ask for the group's shares."""
        found = ShiftTraffic(self.cloud).observe(params)
        shares = {key: each.get(params.region, 0) for key, each in found.items()}
        reading = Reading.HOLDS if min(shares.values()) >= params.percent else Reading.PENDING
        words = ", ".join(f"{share} % of {key}" for key, share in shares.items())
        return Finding(reading, f"{params.region} takes {words}", {"region": params.region, **shares})


def _shares(config: dict[str, Any]) -> dict[str, int]:
    return {each["Region"]: each["Percentage"] for each in config.get("Distributions", [])}


def _distributions(shares: dict[str, int]) -> list[dict[str, Any]]:
    return [{"Region": region, "Percentage": share} for region, share in sorted(shares.items())]


def _raised(shares: dict[str, int], params: ShiftTrafficParams) -> dict[str, int]:
    if params.region not in shares or len(shares) != 2:
        regions = ", ".join(sorted(shares)) or "no Region"
        what = f"{params.group} distributes to {regions}, not to {params.region} and one other"
        looked = ShiftTraffic.calls(params)[0]
        raise refused(what, looked, "NotInGroup", "name the traffic distribution group that spans both Regions")
    share = max(shares[params.region], params.percent)
    return {region: share if region == params.region else 100 - share for region in shares}


@dataclass(frozen=True)
class ShiftSigninParams:
    """Parameters of `connect.shift_signin`."""

    group: Annotated[str, Doc("the default traffic distribution group's full ARN; no other takes sign-in")]
    region: Annotated[Region, Doc("the Region where agents are to sign in; the call is made there")]
    others: Annotated[bool, Doc("whether the other Region goes on taking sign-ins (normally both do)")] = True


class ShiftSignin(Setting[ShiftSigninParams]):
    """Where agents may sign in. Takes effect at their next sign-in; sessions in both Regions live on.

    Refused for a group that has no sign-in distribution: only the default one has.

    Source: Connect API reference, UpdateTrafficDistribution (SignInConfig).
    """

    name = "connect.shift_signin"
    continuity = "global-resiliency"
    summary = "let agents sign in to the Region (default traffic distribution group only)"
    Params = ShiftSigninParams
    deadline_s: ClassVar[float | None] = 300.0
    expected = Expected(3.0, Provenance.ASSUMED)
    subject_params: ClassVar[tuple[str, ...]] = ("group",)

    @classmethod
    def calls(cls, params: ShiftSigninParams) -> tuple[Call, ...]:
        """Read and write at the destination."""
        return ShiftTraffic.calls(ShiftTrafficParams(params.group, params.region, Percent(0)))

    def subject(self, params: ShiftSigninParams) -> str:
        """The group's sign-in Regions."""
        return f"connect:sign-in-distribution:{params.group}"

    def observe(self, params: ShiftSigninParams) -> Json:
        """`{region: enabled}`."""
        found = self.cloud.client("connect", params.region).get_traffic_distribution(Id=params.group)
        return {one["Region"]: one["Enabled"] for one in found.get("SignInConfig", {}).get("Distributions", [])}

    def target(self, params: ShiftSigninParams, before: Json) -> Json:
        """The destination on, the others as asked for.

        Raises:
            Rejected: the group distributes no sign-ins.
        """
        if not before:
            what, looked = f"{params.group} distributes no sign-ins", self.calls(params)[0]
            raise refused(what, looked, "NotInGroup", "name the default traffic distribution group")
        return {region: region == params.region or params.others for region in {**before, params.region: True}}

    @classmethod
    def return_calls(cls, params: ShiftSigninParams, region: str) -> tuple[Call, ...]:
        """As for traffic: a return is written in a Region that takes sign-ins by it."""
        return ShiftTraffic.return_calls(ShiftTrafficParams(params.group, params.region, Percent(0)), region)

    def parts(self, params: ShiftSigninParams, before: Json, target: Json) -> Sequence[Json]:  # noqa: ARG002
        """One full-state update, called in a Region that takes sign-ins afterwards."""
        taking = sorted(region for region, on in target.items() if on)
        at = params.region if params.region in taking or not taking else taking[0]
        return ({"at": at, "sign_in": target},)

    def write(self, params: ShiftSigninParams, part: Json) -> None:
        """One full-state update."""
        listed = [{"Region": region, "Enabled": on} for region, on in sorted(part["sign_in"].items())]
        self.cloud.client("connect", part["at"]).update_traffic_distribution(
            Id=params.group, SignInConfig={"Distributions": listed}
        )

    def gains(self, params: ShiftSigninParams, now: Json, value: Json) -> tuple[str, ...]:  # noqa: ARG002
        """Regions that would take sign-ins again, or alone, because another stops taking them."""
        before, after = ({region for region, on in each.items() if on} for each in (now, value))
        return tuple(sorted(after if before - after else after - before))
