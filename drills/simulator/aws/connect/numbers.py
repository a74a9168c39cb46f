"""Phone numbers: fictional ones, claimed to an instance or to a traffic distribution group.

Rules and their sources: botocore, ClaimPhoneNumber and UpdatePhoneNumber (same Region as the target; IN_PROGRESS, then
CLAIMED, or FAILED where the target has reached its limit; flows do not move along) and DescribePhoneNumber;
Administrator Guide, "Claim phone numbers to traffic distribution groups" (a group that is not ACTIVE is
ResourceNotFoundException) and "Amazon Connect service quotas" (5 numbers per instance).
"""

from __future__ import annotations

import hashlib
import re
from itertools import islice
from typing import TYPE_CHECKING

from .delays import NUMBER_SETTLED
from .errors import (
    IdempotencyException,
    InvalidParameterException,
    ResourceInUseException,
    ResourceNotFoundException,
)
from .identity import identity, region_of, tail
from .mirror import now
from .telephony import PhoneNumber

if TYPE_CHECKING:
    from .backend import Answer, Asked, Backend

SEGMENT = "phone-number"
NUMBERS_MOST = 5
TOKEN = re.compile(r"[a-f0-9]{8}(-[a-f0-9]{4}){3}-[a-f0-9]{12}")
PREFIXES = {"DID": "+1206555", "TOLL_FREE": "+1800555"}
"""The first digits, in the United States; 0100 to 0199 after them are reserved for fiction and belong to nobody."""


def _inventory(seed: str, kind: str) -> list[str]:
    numbers = [f"{PREFIXES[kind]}01{last:02}" for last in range(100)]
    return sorted(numbers, key=lambda number: hashlib.sha256(f"{seed}/{number}".encode()).digest())


def search_available(backend: Backend, asked: Asked) -> Answer:
    """SearchAvailablePhoneNumbers: up to 10 unclaimed fictional numbers, in an order that the target decides."""
    target_arn, kind = _target(backend, asked), asked["PhoneNumberType"]
    if asked["PhoneNumberCountryCode"] != "US" or kind not in PREFIXES:
        raise NotImplementedError(f"{kind} numbers of {asked['PhoneNumberCountryCode']} are not simulated")
    most = asked.get("MaxResults") or 10
    if not 1 <= most <= 10:
        raise InvalidParameterException(f"MaxResults must be between 1 and 10, not {most}")
    prefix, taken = asked.get("PhoneNumberPrefix") or "", _taken(backend)
    free = (number for number in _inventory(target_arn, kind) if number not in taken and number.startswith(prefix))
    found = [
        {"PhoneNumber": number, "PhoneNumberCountryCode": "US", "PhoneNumberType": kind}
        for number in islice(free, most)
    ]
    return {"AvailableNumbersList": found}


def _taken(backend: Backend) -> set[str]:
    return {number.e164 for other in backend.everywhere() for number in other.numbers.values()}


def claim(backend: Backend, asked: Asked) -> Answer:
    """ClaimPhoneNumber."""
    _check_token(asked)
    return backend.repeats.once("ClaimPhoneNumber", asked, lambda: _claim(backend, asked), IdempotencyException)


def _check_token(asked: Asked) -> None:
    if asked.get("ClientToken") and not TOKEN.fullmatch(asked["ClientToken"]):
        raise InvalidParameterException("ClientToken must be a UUID in lower case")


def _claim(backend: Backend, asked: Asked) -> Answer:
    target_arn, e164 = _own_target(backend, asked), asked["PhoneNumber"]
    kind = next((kind for kind, prefix in PREFIXES.items() if re.fullmatch(re.escape(prefix) + r"01\d\d", e164)), None)
    if kind is None:
        raise InvalidParameterException(f"{e164} is not a number of the simulated inventory")
    if e164 in _taken(backend):
        raise ResourceNotFoundException(f"{e164} is not available")
    number_id = _new_id(backend, asked)
    number = PhoneNumber(
        id=number_id,
        arn=backend.arn(SEGMENT, number_id),
        e164=e164,
        region=backend.region_name,
        country="US",
        type=kind,
        target_arn=target_arn,
        settled_at=now() + NUMBER_SETTLED,
        failure=_limit_reached(backend, target_arn, number_id),
        description=asked.get("PhoneNumberDescription") or "",
        tags=dict(asked.get("Tags") or {}),
    )
    backend.numbers[number_id] = number
    return {"PhoneNumberId": number.id, "PhoneNumberArn": number.arn}


def _new_id(backend: Backend, asked: Asked) -> str:
    # The name that a person gave, before the number: several threads may claim, and the numbers may then differ.
    name = (asked.get("Tags") or {}).get("Name") or asked.get("PhoneNumberDescription") or asked["PhoneNumber"]
    number_id = identity(backend.account_id, backend.region_name, SEGMENT, name)
    if number_id in backend.numbers:
        return identity(backend.account_id, backend.region_name, SEGMENT, name, asked["PhoneNumber"])
    return number_id


def _limit_reached(backend: Backend, target_arn: str, number_id: str) -> str:
    others = (number for number in backend.numbers.values() if number.id != number_id)
    held = sum(1 for n in others if target_arn in (n.rings_at, n.target_arn if n.status == "IN_PROGRESS" else ""))
    return f"The target has reached its limit of {NUMBERS_MOST} phone numbers" if held >= NUMBERS_MOST else ""


def _target(backend: Backend, asked: Asked) -> str:
    if bool(asked.get("TargetArn")) == bool(asked.get("InstanceId")):
        raise InvalidParameterException("Give either TargetArn or InstanceId")
    if asked.get("InstanceId"):
        return backend.site(asked["InstanceId"]).instance_arn
    target_arn = str(asked["TargetArn"])
    if ":traffic-distribution-group/" in target_arn:
        group = backend.group(target_arn)
        if group.status != "ACTIVE":
            raise ResourceNotFoundException(f"The traffic distribution group is {group.status}, not ACTIVE")
        return group.arn
    if ":instance/" not in target_arn:
        raise InvalidParameterException(f"{target_arn} is neither an instance nor a traffic distribution group")
    if region_of(target_arn) != backend.region_name:
        raise ResourceNotFoundException(f"{target_arn} is not in {backend.region_name}")
    return backend.site(tail(target_arn)).instance_arn


def _own_target(backend: Backend, asked: Asked) -> str:
    target_arn = _target(backend, asked)
    if region_of(target_arn) != backend.region_name:
        raise ResourceNotFoundException(f"{target_arn} was created in another Region than {backend.region_name}")
    return target_arn


def describe(backend: Backend, asked: Asked) -> Answer:
    """DescribePhoneNumber; it names the target, never the flow."""
    number = backend.number(asked["PhoneNumberId"])
    summary = {
        "PhoneNumberId": number.id,
        "PhoneNumberArn": number.arn,
        "PhoneNumber": number.e164,
        "PhoneNumberCountryCode": number.country,
        "PhoneNumberType": number.type,
        "PhoneNumberDescription": number.description,
        "TargetArn": number.target_arn,
        "Tags": number.tags,
        "PhoneNumberStatus": {"Status": number.status},
    }
    if number.status == "FAILED":
        summary["PhoneNumberStatus"] = {"Status": "FAILED", "Message": number.failure}
    if ":instance/" in number.target_arn:
        summary["InstanceId"] = tail(number.target_arn)
    return {"ClaimedPhoneNumberSummary": summary}


def update(backend: Backend, asked: Asked) -> Answer:
    """UpdatePhoneNumber: to another instance or group of the same Region, without its flows."""
    _check_token(asked)
    return backend.repeats.once("UpdatePhoneNumber", asked, lambda: _update(backend, asked), IdempotencyException)


def _update(backend: Backend, asked: Asked) -> Answer:
    number = backend.number(asked["PhoneNumberId"])
    if number.region != backend.region_name:
        raise ResourceNotFoundException(f"The number is in {number.region}, not in {backend.region_name}")
    target_arn = _own_target(backend, asked)
    if number.status == "IN_PROGRESS":
        raise ResourceInUseException("An earlier operation on the number is in progress")
    number.former_target_arn = number.rings_at
    number.failure = _limit_reached(backend, target_arn, number.id)
    if not number.failure:
        _unlink(backend, number, target_arn)
        number.target_arn = target_arn
    number.settled_at = now() + NUMBER_SETTLED
    return {"PhoneNumberId": number.id, "PhoneNumberArn": number.arn}


def _unlink(backend: Backend, number: PhoneNumber, target_arn: str) -> None:
    # What was linked when the number last had this target does not come back with it.
    if target_arn == number.target_arn:
        return
    for other in backend.everywhere():
        for site in other.sites.values():
            site.number_flows.pop((number.arn, target_arn), None)
