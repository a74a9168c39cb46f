"""Security profiles and users.

Rules and their sources: botocore, CreateUser (names, passwords, e-mail by identity management; 1 to 10 security
profiles), UpdateUserRoutingProfile, UpdateUserConfig (phones: VOICE only, E.164), SearchUsers (after-contact work in
milliseconds, pages of at most 500). Administrator Guide, "Configure agent settings": a desk phone has a number.
Modelled: UpdateUserConfig replaces a channel's entry whole, and leaves what its request does not name.
"""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any

from .errors import InvalidParameterException
from .instances import find as find_instance
from .mirror import now
from .pages import page
from .resources import Agent, RoutingProfile, SecurityProfile

if TYPE_CHECKING:
    from collections.abc import Callable

    from .backend import Answer, Asked, Backend
    from .state import Site

SAML_NAME = re.compile(r"[a-zA-Z0-9_\-.@\\]{1,64}")
E164 = re.compile(r"\+[1-9]\d{1,14}")
NAME_LENGTH_MOST = 20
SECURITY_PROFILES_MOST = 10
COMPARISONS: dict[str, Callable[[str, str], bool]] = {
    "EXACT": lambda value, wanted: value == wanted,
    "STARTS_WITH": lambda value, wanted: value.startswith(wanted),
    "CONTAINS": lambda value, wanted: wanted in value,
}


def create_security_profile(backend: Backend, asked: Asked) -> Answer:
    """CreateSecurityProfile."""
    site, name = backend.site(asked["InstanceId"]), asked["SecurityProfileName"]
    profile = site.put(
        SecurityProfile(
            id=backend.new_id(site, SecurityProfile, name),
            name=name,
            description=asked.get("Description") or "",
            tags=dict(asked.get("Tags") or {}),
            permissions=tuple(asked.get("Permissions") or ()),
            modified_at=now(),
            modified_in=site.region,
        )
    )
    return {"SecurityProfileId": profile.id, "SecurityProfileArn": site.arn(SecurityProfile, profile.id)}


def create_user(backend: Backend, asked: Asked) -> Answer:
    """CreateUser."""
    site = backend.site(asked["InstanceId"])
    _refuse_unfit(find_instance(backend, site.instance_id).identity_management_type, asked)
    routing = backend.resource(site, RoutingProfile, asked["RoutingProfileId"])
    security = [backend.resource(site, SecurityProfile, wanted) for wanted in asked["SecurityProfileIds"]]
    agent = site.put(
        Agent(
            id=backend.new_id(site, Agent, asked["Username"]),
            name=asked["Username"],
            tags=dict(asked.get("Tags") or {}),
            routing_profile_id=routing.id,
            security_profile_ids=tuple(profile.id for profile in security),
            phone_config=dict(asked.get("PhoneConfig") or {}),
            identity=dict(asked.get("IdentityInfo") or {}),
            directory_user_id=asked.get("DirectoryUserId") or "",
            modified_at=now(),
            modified_in=site.region,
        )
    )
    return {"UserId": agent.id, "UserArn": site.arn(Agent, agent.id)}


def _refuse_unfit(management: str, asked: Asked) -> None:
    name, person = asked["Username"], asked.get("IdentityInfo") or {}
    if management == "SAML" and not SAML_NAME.fullmatch(name):
        raise InvalidParameterException("With SAML a user name has up to 64 of the characters a-zA-Z0-9_-.@\\")
    if management != "SAML" and len(name) > NAME_LENGTH_MOST:
        raise InvalidParameterException(f"A user name has at most {NAME_LENGTH_MOST} characters")
    if (management == "CONNECT_MANAGED") != bool(asked.get("Password")):
        raise InvalidParameterException("A password is for identity management by Connect, and required there")
    if management == "SAML" and person.get("Email"):
        raise InvalidParameterException("With SAML an Email is an error")
    if management != "EXISTING_DIRECTORY" and not (person.get("FirstName") and person.get("LastName")):
        raise InvalidParameterException("FirstName and LastName are required")
    if not 1 <= len(asked["SecurityProfileIds"]) <= SECURITY_PROFILES_MOST:
        raise InvalidParameterException(f"A user has 1 to {SECURITY_PROFILES_MOST} security profiles")


def describe_user(backend: Backend, asked: Asked) -> Answer:
    """DescribeUser."""
    site = backend.site(asked["InstanceId"])
    agent = backend.resource(site, Agent, asked["UserId"])
    modified = {"LastModifiedTime": agent.modified_at, "LastModifiedRegion": agent.modified_in}
    return {"User": _described(site, agent) | {"PhoneConfig": agent.phone_config} | modified}


def _described(site: Site, agent: Agent) -> Answer:
    described = {
        "Id": agent.id,
        "Arn": site.arn(Agent, agent.id),
        "Username": agent.name,
        "IdentityInfo": agent.identity,
        "DirectoryUserId": agent.directory_user_id,
        "SecurityProfileIds": list(agent.security_profile_ids),
        "RoutingProfileId": agent.routing_profile_id,
        "PhoneNumberConfigs": _phones(agent),
        "Tags": agent.tags,
    }
    return {key: value for key, value in described.items() if value}


def update_routing_profile(backend: Backend, asked: Asked) -> Answer:
    """UpdateUserRoutingProfile."""
    site = backend.site(asked["InstanceId"])
    agent = backend.resource(site, Agent, asked["UserId"])
    profile = backend.resource(site, RoutingProfile, asked["RoutingProfileId"])
    site.put(dataclasses.replace(agent, routing_profile_id=profile.id))
    return {}


def _phones(agent: Agent) -> list[dict[str, Any]]:
    """The same as the older PhoneConfig says, channel by channel; there is only the one."""
    kind, number = agent.phone_config.get("PhoneType"), agent.phone_config.get("DeskPhoneNumber")
    return [{"Channel": "VOICE", "PhoneType": kind} | ({"PhoneNumber": number} if number else {})] if kind else []


def update_config(backend: Backend, asked: Asked) -> Answer:
    """UpdateUserConfig, of phones."""
    site = backend.site(asked["InstanceId"])
    agent = backend.resource(site, Agent, asked["UserId"])
    phones = asked.get("PhoneNumberConfigs") or []
    _refuse_phones(phones)
    for phone in phones:
        kept = {key: value for key, value in agent.phone_config.items() if key not in ("PhoneType", "DeskPhoneNumber")}
        number = {"DeskPhoneNumber": phone["PhoneNumber"]} if phone.get("PhoneNumber") else {}
        site.put(dataclasses.replace(agent, phone_config={**kept, "PhoneType": phone["PhoneType"], **number}))
    return {}


def _refuse_phones(phones: list[dict[str, Any]]) -> None:
    if any(phone["Channel"] != "VOICE" for phone in phones) or len(phones) > 1:
        raise InvalidParameterException("PhoneNumberConfigs takes one entry, for the channel VOICE")
    for phone in phones:
        number = phone.get("PhoneNumber")
        if number and not E164.fullmatch(number):
            raise InvalidParameterException("PhoneNumber is not in E.164 form")
        if phone["PhoneType"] == "DESK_PHONE" and not number:
            raise InvalidParameterException("A desk phone needs a PhoneNumber")


def search(backend: Backend, asked: Asked) -> Answer:
    """SearchUsers: pages of at most 500, by user name."""
    site = backend.site(asked["InstanceId"])
    criteria = asked.get("SearchCriteria") or {}
    found = [agent for agent in site.all(Agent) if _matches(agent, criteria)]
    chosen, more = page(found, asked, 500, lambda agent: agent.id)
    users = [_described(site, agent) | {"PhoneConfig": _in_milliseconds(agent.phone_config)} for agent in chosen]
    return {"Users": users, "ApproximateTotalCount": len(found), **more}


def _in_milliseconds(phone_config: dict[str, Any]) -> dict[str, Any]:
    limit_s = phone_config.get("AfterContactWorkTimeLimit")
    return phone_config if limit_s is None else {**phone_config, "AfterContactWorkTimeLimit": limit_s * 1000}


def _matches(agent: Agent, criteria: Asked) -> bool:
    unknown = set(criteria) - {"OrConditions", "AndConditions", "StringCondition"}
    if unknown:
        raise NotImplementedError(f"SearchUsers by {', '.join(sorted(unknown))} is not simulated")
    parts = [any(_matches(agent, one) for one in criteria["OrConditions"])] if criteria.get("OrConditions") else []
    parts += [_matches(agent, one) for one in criteria.get("AndConditions") or ()]
    if criteria.get("StringCondition"):
        parts.append(_string_matches(agent, criteria["StringCondition"]))
    return all(parts)


def _string_matches(agent: Agent, condition: Asked) -> bool:
    fields = {
        "username": [agent.name],
        "firstname": [agent.identity.get("FirstName") or ""],
        "lastname": [agent.identity.get("LastName") or ""],
        "routingprofileid": [agent.routing_profile_id],
        "securityprofileid": list(agent.security_profile_ids),
        "resourceid": [agent.id],
    }
    name = str(condition["FieldName"]).lower()
    if name not in fields:
        raise InvalidParameterException(f"Users cannot be searched by {condition['FieldName']}")
    wanted, comparison = condition["Value"], condition.get("ComparisonType") or "EXACT"
    return any(COMPARISONS[comparison](value, wanted) for value in fields[name])
