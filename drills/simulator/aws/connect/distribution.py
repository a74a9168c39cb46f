"""How a traffic distribution group shares callers, agents and sign-ins between two Regions.

Rules and their sources: Administrator Guide, "Update telephony traffic distribution" and "Update agent distribution"
(both Regions, 10 % steps, sum 100), "Create traffic distribution groups" (only when ACTIVE); botocore,
UpdateTrafficDistribution (SignInConfig on the default group only; invoked in the Region that should handle traffic)
and GetTrafficDistribution (LastFailoverTime moves with each update).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import InvalidRequestException
from .mirror import now

if TYPE_CHECKING:
    from .backend import Answer, Asked, Backend
    from .telephony import TrafficGroup


def get(backend: Backend, asked: Asked) -> Answer:
    """GetTrafficDistribution, from either Region."""
    group = _active(backend, asked["Id"])
    answer: Answer = {
        "Id": group.id,
        "Arn": group.arn,
        "TelephonyConfig": _percentages(group, group.telephony),
        "AgentConfig": _percentages(group, group.agents),
    }
    if group.is_default:
        enabled = [{"Region": region, "Enabled": group.sign_in[region]} for region in group.regions]
        answer["SignInConfig"] = {"Distributions": enabled}
    if group.failed_over_at:
        answer["LastFailoverTime"] = group.failed_over_at
    return answer


def update(backend: Backend, asked: Asked) -> Answer:
    """UpdateTrafficDistribution: checked as a whole, then in force at once wherever telephony asks."""
    group, here = _active(backend, asked["Id"]), backend.region_name
    if not any(asked.get(part) for part in ("TelephonyConfig", "AgentConfig", "SignInConfig")):
        raise InvalidRequestException("Give a TelephonyConfig, an AgentConfig or a SignInConfig")
    telephony = _shares(group, asked.get("TelephonyConfig"), group.telephony, here)
    agents = _shares(group, asked.get("AgentConfig"), group.agents, here)
    sign_in = _sign_in(group, asked.get("SignInConfig"), here)
    group.telephony, group.agents, group.sign_in, group.failed_over_at = telephony, agents, sign_in, now()
    return {}


def _active(backend: Backend, id_or_arn: str) -> TrafficGroup:
    group = backend.group(id_or_arn)
    if group.status != "ACTIVE":
        raise InvalidRequestException(f"The traffic distribution group is {group.status}, not ACTIVE")
    return group


def _percentages(group: TrafficGroup, shares: dict[str, int]) -> Answer:
    return {"Distributions": [{"Region": region, "Percentage": shares[region]} for region in group.regions]}


def _shares(group: TrafficGroup, config: Asked | None, present: dict[str, int], here: str) -> dict[str, int]:
    if not config:
        return present
    shares: dict[str, int] = _by_region(group, config, "Percentage")
    if any(share % 10 or not 0 <= share <= 100 for share in shares.values()):
        raise InvalidRequestException("Percentages go in steps of 10")
    if sum(shares.values()) != 100:
        raise InvalidRequestException(f"The percentages sum to {sum(shares.values())}, not 100")
    if shares[here] < present[here]:
        raise InvalidRequestException(f"Call the Region that should handle the traffic, not {here}")
    return shares


def _sign_in(group: TrafficGroup, config: Asked | None, here: str) -> dict[str, bool]:
    if not config:
        return group.sign_in
    if not group.is_default:
        raise InvalidRequestException("SignInConfig is available on the default traffic distribution group only")
    sign_in: dict[str, bool] = _by_region(group, config, "Enabled")
    if not sign_in[here]:
        raise InvalidRequestException(f"Call a Region that should handle sign-ins, not {here}")
    return sign_in


def _by_region(group: TrafficGroup, config: Asked, value: str) -> dict[str, Any]:
    entries = config["Distributions"]
    found = {entry["Region"]: entry[value] for entry in entries}
    if set(found) != set(group.regions) or len(entries) != 2:
        raise InvalidRequestException(f"Name each of {' and '.join(group.regions)} once")
    return found
