"""The state page: one HTML document, nothing fetched, drawn anew by the browser every few seconds.

Every figure of calls on it is modelled, and the page says so; so it does that everything here is simulated.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from orchestrator.model.durations import show_duration
from orchestrator.report.markup import Raw, element, joined

REDRAW_S = 3
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_MINUTES = 30
_BAR, _GAP, _TALL = 14, 4, 56
_KINDS = (("offered", "offered"), ("answered", "answered"), ("swallowed", "swallowed by the dead Region"))
JsonObject = dict[str, Any]


def page(identity: JsonObject, state: JsonObject) -> str:
    """The document, from what `/identity` and `/state` say."""
    regions = [region for region in identity["endpoints"] if region != "global"]
    body = element(
        "main",
        _header(identity, state),
        *([element("p", f"People have stopped: {state['trouble']}", class_="bad box")] if state["trouble"] else []),
        element("section", *(_region(identity, state, region) for region in identity["endpoints"]), class_="cards"),
        element("h2", "Calls by the minute ", element("small", "modelled")),
        _legend(),
        *(_calls(state, region) for region in regions),
        element("h2", "Where callers are sent"),
        _shares(state, regions),
        element("h2", "Requests of clients"),
        _requests(state),
        element("h2", "Take part"),
        _commands(identity, state, regions),
    )
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", http_equiv="refresh", content=str(REDRAW_S)),
        element("meta", name="color-scheme", content="light dark"),
        element("title", "Simulated cloud"),
        element("style", Raw(files("drills.served").joinpath("page.css").read_text("utf-8"))),
    )
    return f"<!doctype html>\n{element('html', head, element('body', body), lang='en')}\n"


def _header(identity: JsonObject, state: JsonObject) -> Raw:
    pace = "in real time" if identity["speed"] == 1 else f"{identity['speed']:g} times as fast as real time"
    return element(
        "header",
        element("p", element("b", "SIMULATED", class_="label"), " no AWS account, no real calls", class_="over"),
        element("h1", _clock(state["now"]), element("small", f" {state['now'][:10]} UTC, {pace}")),
        element("p", f"Scenario {identity['scenario']}, seed {identity['seed']}. {_coming(state)}"),
    )


def _coming(state: JsonObject) -> str:
    breaks_in_s = state["scenario_breaks_in_s"]
    if breaks_in_s is not None:
        return f"It breaks something in {show_duration(round(breaks_in_s))}."
    return f"Lost now: {', '.join(state['lost'])}." if state["lost"] else "Nothing is lost."


def _region(identity: JsonObject, state: JsonObject, region: str) -> Raw:
    serves = state["open"][region]
    title = "global control planes" if region == "global" else region
    staff = [] if region == "global" else [element("p", _agents(state, region))]
    return element(
        "article",
        element("h3", title),
        element("p", element("b", "serves" if serves else "LOST", class_="good" if serves else "bad")),
        element("p", element("code", identity["endpoints"][region])),
        *staff,
        class_="card",
    )


def _agents(state: JsonObject, region: str) -> str:
    agents = next((minute["agents"] for minute in reversed(state["minutes"]) if minute["region"] == region), None)
    return "agents: no full minute yet" if agents is None else f"{agents} agents signed in"


def _legend() -> Raw:
    keys = (element("span", element("i", "", class_=name), f" {words}") for name, words in _KINDS)
    return element("p", joined(keys, " "), class_="legend")


def _calls(state: JsonObject, region: str) -> Raw:
    minutes = [each for each in state["minutes"] if each["region"] == region][-_MINUTES:]
    if not minutes:
        return element("p", f"{region}: no full minute yet")
    most = max([each["offered"] for each in state["minutes"]] + [1])
    bars = [_bar(each, place, most) for place, each in enumerate(minutes)]
    wide = _MINUTES * (_BAR + _GAP)
    last = minutes[-1]
    told = f"{last['offered']} offered, {last['answered']} answered in the minute from {_clock(last['minute'])}"
    picture = element("svg", *bars, viewBox=f"0 0 {wide} {_TALL}", role="img", aria_label=f"{region}: {told}")
    return element("figure", element("figcaption", element("b", region), f" {told}"), picture)


def _bar(minute: JsonObject, place: int, most: int) -> Raw:
    def part(name: str, x: float, wide: float) -> Raw:
        tall = round(minute[name] / most * (_TALL - 2), 1)
        return element("rect", x=x, y=_TALL - tall, width=wide, height=tall, class_=name)

    left = place * (_BAR + _GAP)
    return joined(
        [part("offered", left, _BAR), part("answered", left, _BAR / 2), part("swallowed", left + _BAR / 2, _BAR / 2)]
    )


def _shares(state: JsonObject, regions: list[str]) -> Raw:
    head = element("tr", element("th", "number"), *(element("th", region) for region in regions))
    rows = [
        element("tr", element("td", number), *(element("td", f"{shares.get(region, 0)} %") for region in regions))
        for number, shares in state["callers"].items()
    ]
    return element("table", head, *rows)


def _requests(state: JsonObject) -> Raw:
    counts = ", ".join(f"{count} {outcome}" for outcome, count in sorted(state["requests"].items())) or "none yet"
    lacking = state["without_rules"]
    said = [element("p", f"Without rules of their own: {', '.join(lacking)}")] if lacking else []
    return joined([element("p", counts, ". Each one is a line of ", element("code", "/calls"), "."), *said])


def _commands(identity: JsonObject, state: JsonObject, regions: list[str]) -> Raw:
    control = identity["control"]
    outage = json.dumps({"region": regions[0], "lasts": "10m"})
    back = [f"curl -X DELETE {control}/outages/{region}" for region in state["lost"]]
    lines = [
        *(back or [f"curl -X POST {control}/outages -d '{outage}'"]),
        f"failover plan region-evacuation --cloud {control}",
    ]
    return joined([element("pre", line) for line in lines])


def _clock(stamped: str) -> str:
    return stamped[11:19]
