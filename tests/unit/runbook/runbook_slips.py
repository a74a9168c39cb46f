"""Slips in the sample runbook: each an exchange of text whose `# RBxx` says what is to be told of that line.

A misfit is what the model refuses; a fault is what only lint finds.
"""

from __future__ import annotations

from typing import TypeAlias

Edit: TypeAlias = tuple[tuple[str, str], ...]

END = "recovered_when:\n"
STAGES = "  stages: {type: list, items: percent, default: [10, 50, 100]}\n"
HOLD = "  hold: {type: duration, default: 2m}\n"
CALLS = "  calls_at_least: {type: integer, default: 20}\n"
FROM = "  from: {type: environment, default: primary}\n"
TO = "  to: {type: environment, default: standby}\n"
SERIES = "    for_each: \"${execution.mode == 'planned' && stages || `[100]`}\"\n"
GUARD = "    guard:\n      action: service.calls_answered\n"
FLAG = '      value: "on"\n    deadline: 1m\n'
AGENTS = "  agents:\n    action: agents.incident_routing\n"
ANSWERS = "    action: service.answers\n    with:\n      region: ${to.region}\n    deadline: 2m\n"


def one(old: str, new: str) -> Edit:
    return ((old, new),)


def step(text: str) -> Edit:
    return one(END, f"{text}{END}")


def check(name: str, *lines: str) -> Edit:
    """A further step that asks whether the other side answers."""
    return step("".join(f"    {line}\n" if place else f"  {line}\n" for place, line in enumerate((name, *lines))))


def condition(text: str) -> Edit:
    return one(END, f"{END}{text}")


MISFITS: dict[str, Edit] = {
    "version": one("version: 1\n", "version: 2 # RB06\n"),
    "id": one("id: region-evacuation\n", "id: Not An Id # RB06\n"),
    "misspelt title": one("title: Move callers, agents and names to the other Region\n", "titel: Move # RB03\n"),
    "misspelt and unfit title": one(
        "title: Move callers, agents and names to the other Region\n", "titel: # RB03 RB06\n"
    ),
    "no owner": (("version: 1\n", "version: 1 # RB05\n"), ("owner: contact-centre-platform\n", "")),
    "a key twice": one("version: 1\n", "version: 1\nversion: 1 # RB02\n"),
    "an unknown key": one("version: 1\n", "version: 1\naccount: ${to.nothing} # RB03\n"),
    "covers": one("covers: [K3, B1, B5, D8]\n", "covers: [K3, Z9] # RB06\n"),
    "review": one("every: 180d, last: 2026-11-01}\n", "every: monthly, lsat: 2026-11-01} # RB03 RB06\n"),
    "objectives": one("lost_calls: 2000}\n", "lost_calls: -1} # RB06\n"),
    "failback": one("run_by: [commander]\n", "run_by: [ commander ]\nfailback: Not_An_Id # RB06\n"),
    "parameter's type": one(STAGES, "  stages: {type: lists, items: percent, default: [10]} # RB06\n"),
    "type of from": one(FROM, "  from: {type: environmnt, default: primary} # RB06\n"),
    "items": one(STAGES, "  stages: {type: list, items: percents, default: [10]} # RB06\n"),
    "no parameter's type": one(HOLD, "  hold: {default: 2m} # RB05\n"),
    "misspelt default": one(HOLD, "  hold: {type: duration, defualt: 2m} # RB03\n"),
    "no parameter": one(CALLS, "  calls_at_least: 20 # RB06\n"),
    "parameter's name": one(FROM, f"{FROM}  Upper: {{type: text}} # RB06\n"),
    "no parameters": one("parameters:\n" + FROM + TO + STAGES + HOLD + CALLS, "parameters: all # RB06\n"),
    "disguised default": one(CALLS, "  calls_at_least: {type: integer, default: 0x14} # RB07\n"),
    "needs as text": one("ivr.flag\n    needs: [declare]\n", "ivr.flag\n    needs: declare # RB06\n"),
    "needs as number": one("routing\n    needs: [declare]\n", "routing\n    needs: 5 # RB06\n"),
    "one of the needs": one(
        "needs: [destination-serves, declare, emergency-answer]\n",
        "needs:\n      - 5 # RB06\n      - declare\n      - emergency-answer\n      - destination-serves\n",
    ),
    "disguised need": one("routing\n    needs: [declare]\n", "routing\n    needs: [0x5, declare] # RB07\n"),
    "deadline": one("deadline: 2m\n", "deadline: 2 # RB06\n"),
    "misspelt deadline": one(FLAG, FLAG.replace("deadline: 1m", "dedline: 1m # RB03")),
    "misspelt and unfit deadline": one(FLAG, FLAG.replace("deadline: 1m", "dedline: 1 # RB03 RB06")),
    "empty with": check("hollow-1:", "action: service.answers", "with: # RB06"),
    "misspelt with": one(ANSWERS, ANSWERS.replace("with:", "wiht: # RB03")),
    "for_each": one("for_each: ${values(to.connect.agent_groups)}\n", "for_each: groups # RB06\n"),
    "for_each of a series": one(SERIES, "    for_each: stages # RB06\n"),
    "misspelt for_each": one(SERIES, SERIES.replace("for_each", "foreach").replace('}"\n', '}" # RB03\n')),
    "in_order": one("in_order: true\n", "in_order: 5 # RB06\n"),
    "misspelt in_order": one("in_order: true\n", "inorder: true # RB03\n"),
    "hold": one("hold: ${hold}\n", "hold: 5 # RB06\n"),
    "misspelt hold": one("hold: ${hold}\n", "holds: ${hold} # RB03\n"),
    "guard": one("retry: {att", "guard: us # RB02\n    retry: {att"),
    "guard's action": one(GUARD, GUARD.replace("action:", "acton:").replace("answered\n", "answered # RB03\n")),
    "no guard's action": one(GUARD, "    guard: # RB05\n"),
    "no guard's deadline": one(
        "      calls_at_least: ${calls_at_least}\n      deadline: 5m\n    deadline: 5m\n",
        "      calls_at_least: 1\n    deadline: 5m\n",
    ),
    "retry": one("retry: {attempts: 8, wait: 2s, max_wait: 30s}\n", "retry: {attempts: 500, wiat: 2s} # RB03 RB06\n"),
    "only": one("only: unplanned\n", "only: sometimes # RB06\n"),
    "on_silence": one("on_silence: proceed-unplanned\n", "on_silence: never # RB06\n"),
    "critical": one("critical: false\n", "critical: maybe # RB06\n"),
    "no action": one(AGENTS, "  agents: # RB05\n"),
    "misspelt action": one(AGENTS, AGENTS.replace("action:", "acton:").replace("routing\n", "routing # RB03\n")),
    "an action that is none": one(AGENTS, "  agents:\n    action: 5 # RB06\n"),
    "an empty step": step("  hollow-2: # RB06\n"),
    "step's name": check("Not_An_Id: # RB06", "action: service.answers", "with: {region: us-west-2}"),
    "title": check("hollow-3:", "action: service.answers", "title: off # RB07", "with: {region: us-west-2}"),
    "condition's deadline": one("    deadline: 10m\n", "    deadline: 10 # RB06\n"),
    "an empty condition": condition("  hollow-4: # RB06\n"),
    "condition's with": condition("  hollow-5: {action: service.answers, with: 5, deadline: 1m} # RB06\n"),
    "tag": one(ANSWERS, ANSWERS.replace("${to.region}", "!secret x # RB01")),
    "no time for a step": check(
        "hollow-6:", "action: service.answers", "deadline: 0s # RB06", "with: {region: us-west-2}"
    ),
    "no time for a guard": one(
        "      deadline: 5m\n    deadline: 5m\n", "      deadline: 0m # RB06\n    deadline: 5m\n"
    ),
    "no time for a condition": condition(
        "  hollow-7:\n    action: service.answers\n    deadline: 0s # RB06\n    with: {region: us-west-2}\n"
    ),
    "alias of an argument": one(ANSWERS, ANSWERS.replace("${to.region}", "*region # RB08")),
    "alias of arguments": check("hollow-8:", "action: service.answers", "with: *there # RB08"),
    "alias of a step": step("  hollow-9: *step # RB08\n"),
    "alias of a series": check(
        "hollow-10:", "action: service.answers", "for_each: *places # RB08", 'with: {region: "${item}"}'
    ),
    "alias of a default": one(CALLS, "  calls_at_least: {type: integer, default: *calls } # RB08\n"),
    "merged step": step("  hollow-11:\n    <<: *base # RB08\n    with: {region: us-west-2}\n"),
    "disguised value": one("percent_at_least: 95\n", "percent_at_least: 0x5F # RB07\n"),
}
MISFITS["no guard's deadline"] += one(GUARD, GUARD.replace("guard:", "guard: # RB05"))

FAULTS: dict[str, Edit] = {
    "RB04": check(
        "a-endless: # RB04", "action: connect.shift_traffic", "with: {group: g, region: us-west-2, percent: 10}"
    ),
    "RB06": check("a-nothing:", "action: service.answers", "for_each: [] # RB06", "with: {region: us-west-2}"),
    "RB07": one('value: "on"\n', "value: on # RB07\n"),
    "RB06 in a condition": check(
        "a-joined:", "action: service.answers", "when: \"${from.role == 'primary'} && ${to.role == 'standby'}\" # RB06",
        "with: {region: us-west-2}",
    ),
    "RB10": check("a-unknown:", "action: service.answer # RB10", "with: {region: us-west-2}"),
    "RB11": one("flag: emergency-greeting\n", "flag: emergency-greeting\n      flags: x # RB11\n"),
    "RB12": check("a-lacking:", "action: service.answers", "with: {} # RB12"),
    "RB13": check("a-typed:", "action: service.answers", "with: {region: 5} # RB13"),
    "RB13 by a region": check("a-capital:", "action: service.answers", "with: {region: US-EAST-1} # RB13"),
    "RB13 without a value": one("      percent_at_least: 95\n", "      percent_at_least: ${`1E400`} # RB13\n"),
    "RB13 by a rule": one("approvers: [duty-manager]\n", "approvers: [duty-manager]\n      yeses: 2 # RB13\n"),
    "keys of a mapping": check(
        "a-group:", "action: agents.incident_routing", "deadline: 1m", "with:", "  region: us-west-2", "  instance: i",
        "  group: # RB12", "    normal_profil: n # RB11", "    incident_profile: 5 # RB13", "    user_ids: []",
    ),
    "RB20": check("a-lost:", "action: service.answers", "needs: [declar] # RB20", "with: {region: us-west-2}"),
    "RB21": check("a-loop:", "action: service.answers", "needs: [a-loop] # RB21", "with: {region: us-west-2}"),
    "RB22": one(
        "      question: Move all callers from ${from.region} to ${to.region}?\n",
        "      question: Why ${steps.shift.state}? # RB22\n",
    ),
    "RB23": step(
        "".join(
            f"  {name}\n    action: ivr.flag\n    deadline: 1m\n"
            "    with: {region: us-west-2, table: t, flag: f, value: v}\n"
            for name in ("a-twin:", "b-twin: # RB23")
        )
    ),
    "RB23 in two modes": step(
        "".join(
            f"  {name}\n    action: ivr.flag\n    deadline: 1m\n    only: {mode}\n"
            "    with: {region: us-west-2, table: t, flag: modes, value: v}\n"
            for name, mode in (("c-twin:", "planned"), ("d-twin: # RB23", "unplanned"))
        )
    ),
    "RB30": one("table: ${to.flags_table}\n", "table: ${to.flags_table # RB30\n"),
    "RB31": one("table: ${to.flags_table}\n", "table: ${to.flags_tabel} # RB31\n"),
    "RB32": check("a-when:", "action: service.answers", "when: ${to.region > `3`} # RB32", "with: {region: us-west-2}"),
    "RB33": one("table: ${to.flags_table}\n", "table: ${item} # RB33\n"),
    "RB34": check(
        "a-early:", "action: service.answers", "needs: [declare]", "title: ${steps.declare.state} # RB34",
        "with: {region: us-west-2}",
    ),
    "RB40": one(HOLD, f"{HOLD}  item: {{type: text, default: x}} # RB40\n"),
    "RB42": one(HOLD, f"{HOLD}  more: {{type: list, default: []}} # RB42\n"),
    "RB42 of two sides": one(TO, "  to: {type: environment, default: primary} # RB42\n"),
    "RB42 of an entry": one(
        STAGES, f"{STAGES}  words: {{type: list, items: text, default: [a,\n    on, # RB07\n    5]}} # RB42\n"
    ),
    "RB50": one(ANSWERS, f"{ANSWERS}    at_once: 3 # RB50\n"),
    "RB51": one(ANSWERS, f"{ANSWERS}    on_silence: stop # RB51\n"),
    "RB52": condition(
        "  more:\n    action: ivr.flag # RB52\n    deadline: 1m\n"
        "    with: {region: us-west-2, table: t, flag: f, value: v}\n"
    ),
    "RB53": one("run_by: [commander]\n", "run_by: [commander ]\nfailback: return-hom # RB53\n"),
    "RB54": one("  declare:\n", "  declare:\n    critical: false # RB54\n"),
}  # fmt: skip


def slipped(text: str, *edits: Edit) -> str | None:
    """The text with every edit, or None where two touch the same place."""
    for edit in edits:
        for old, new in edit:
            if text.count(old) < 1:
                return None
            text = text.replace(old, new, 1)
    return text
