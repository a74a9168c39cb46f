"""The control port: who this is, how it stands, what was asked of it, and what shall break.

`GET /` shows the state to people, `/state` to machines. `GET /identity`, `/inventory`, `/ledger`, `/calls`, `/outages`,
`/resolve?name=NAME`, `/feed?after=N`; `POST /outages` with `{"region": "…", "lasts": "10m"}`, `DELETE /outages/REGION`,
`POST /scenario/start`.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from drills.served.page import page
from drills.served.ports import Answer, Asked
from drills.simulator.ledger import LEDGER
from orchestrator.model.clock import stamp
from orchestrator.model.durations import parse_duration
from orchestrator.model.errors import CloudError, InvalidInput, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from drills.served.served import Served

_JSON = {"Content-Type": "application/json"}
_OF_REGION = "/outages/"
_EXAMPLE = '{"region": "us-east-1", "lasts": "10m"}'


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request brings: its body, its query, and the Region that its path names, if any."""

    body: bytes
    query: Mapping[str, list[str]]
    region: str


class Control:
    """Answers the control port of one served cloud."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._routes: dict[tuple[str, str], Callable[[Wanted], Answer | Awaitable[Answer]]] = {
            ("GET", "/"): lambda _: _text("text/html; charset=utf-8", page(served.identity(), served.state())),
            ("GET", "/identity"): lambda _: _json(served.identity()),
            ("GET", "/state"): lambda _: _json(served.state()),
            ("GET", "/inventory"): lambda _: _text("application/json", served.inventory.model_dump_json(by_alias=True)),
            ("GET", "/ledger"): lambda _: _json({":".join(call): str(entry.mark) for call, entry in LEDGER.items()}),
            ("GET", "/calls"): lambda _: _text("application/x-ndjson", served.log.jsonl()),
            ("GET", "/feed"): self._feed,
            ("GET", "/resolve"): self._resolve,
            ("GET", "/outages"): lambda _: _json(self._outages()),
            ("POST", "/outages"): self._begin,
            ("DELETE", "/outages/REGION"): self._end,
            ("POST", "/scenario/start"): self._start,
        }

    async def answer(self, asked: Asked) -> Answer:
        """What a request to the control port gets."""
        if "origin" in asked.headers:
            # A page from elsewhere, opened in a browser here, could else break what others are working on.
            return _json({"error": "a web page may not ask", "remedy": "ask from a terminal"}, 403)
        address = urlsplit(asked.target)
        region = unquote(address.path.removeprefix(_OF_REGION)) if address.path.startswith(_OF_REGION) else ""
        path = f"{_OF_REGION}REGION" if region else address.path
        route = self._routes.get((asked.method.replace("HEAD", "GET"), path))
        if route is None:
            what = f"nothing here answers {asked.method} {address.path}"
            return _json({"error": what, "remedy": "see docs/drills.md, the served cloud"}, 404)
        try:
            made = route(Wanted(asked.body, parse_qs(address.query), region))
            return await made if isinstance(made, Awaitable) else made
        except InvalidInput as why:
            return _json({"error": why.what, "remedy": why.remedy}, 400)
        except Refused as why:
            return _json({"error": why.what, "remedy": why.rule}, 409)

    def _begin(self, wanted: Wanted) -> Answer:
        try:
            outage = json.loads(wanted.body or b"{}")
        except ValueError:
            raise InvalidInput("that is no JSON", remedy=f"send {_EXAMPLE}") from None
        if not isinstance(outage, dict) or outage.keys() - {"region", "lasts"} or "region" not in outage:
            raise InvalidInput("an outage has a region, and perhaps lasts", remedy=f"send {_EXAMPLE}")
        try:
            lasts_s = parse_duration(str(outage["lasts"])) if "lasts" in outage else None
        except ValueError as why:
            raise InvalidInput(str(why), remedy=f"send {_EXAMPLE}") from None
        self._served.outages.begin(str(outage["region"]), lasts_s)
        return _json(self._outages(), 201)

    def _end(self, wanted: Wanted) -> Answer:
        self._served.outages.end(wanted.region)
        return _json(self._outages())

    def _start(self, _wanted: Wanted) -> Answer:
        self._served.town.start_scenario()
        return _json(self._outages())

    async def _feed(self, wanted: Wanted) -> Answer:
        after = wanted.query.get("after", ["0"])[0]
        if not (after.isascii() and after.isdecimal()):
            raise InvalidInput(f"{after!r} is no number of an item", remedy="ask /feed?after=N, with N from `last`")
        return _json(await self._served.news(int(after)))

    def _resolve(self, wanted: Wanted) -> Answer:
        name = wanted.query.get("name", [""])[0]
        if not name:
            raise InvalidInput("which name?", remedy="ask /resolve?name=NAME")
        try:
            return _json({"name": name, "answers": list(self._served.cloud.resolver.resolve(name))})
        except CloudError as why:
            return _json({"name": name, "answers": [], "error": why.what})

    def _outages(self) -> dict[str, Any]:
        told = [
            {"region": each.region, "from": stamp(each.from_), "until": stamp(each.until) if each.until else None}
            for each in self._served.outages.all
        ]
        return {"lost": list(self._served.outages.lost()), "outages": told}


def _json(value: Any, status: int = 200) -> Answer:
    return Answer(status, _JSON, json.dumps(value).encode() + b"\n")


def _text(kind: str, text: str) -> Answer:
    return Answer(200, {"Content-Type": kind}, text.encode())
