"""Lex V2 bots that an instance may use: this Region's side only, for AWS mirrors neither bots nor their association.

Rules and their sources: botocore, AssociateBot (an AliasArn; ResourceConflictException) and ListBots (pages of at most
25). Stored only: no flow of a drill talks to a bot, and the alias is not looked up.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .errors import InvalidRequestException, ResourceConflictException
from .pages import page

if TYPE_CHECKING:
    from .backend import Answer, Asked, Backend

ALIAS = re.compile(r"arn:aws:lex:[a-z0-9-]+:\d{12}:bot-alias/[A-Za-z0-9]+/[A-Za-z0-9]+")


def associate(backend: Backend, asked: Asked) -> Answer:
    """AssociateBot, of Lex V2."""
    return backend.repeats.once("AssociateBot", asked, lambda: _associate(backend, asked), ResourceConflictException)


def _associate(backend: Backend, asked: Asked) -> Answer:
    site, alias = backend.site(asked["InstanceId"]), (asked.get("LexV2Bot") or {}).get("AliasArn") or ""
    if not ALIAS.fullmatch(alias):
        raise InvalidRequestException(f"{alias!r} is not the ARN of an alias of a Lex V2 bot")
    if alias in site.bots:
        raise ResourceConflictException(f"{alias} is associated already")
    site.bots.add(alias)
    return {}


def list_all(backend: Backend, asked: Asked) -> Answer:
    """ListBots; of Lex V1 there are none."""
    site = backend.site(asked["InstanceId"])
    found = sorted(site.bots) if asked["LexVersion"] == "V2" else []
    chosen, more = page(found, asked, 25, str, InvalidRequestException)
    return {"LexBots": [{"LexV2Bot": {"AliasArn": alias}} for alias in chosen], **more}
