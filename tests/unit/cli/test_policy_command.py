from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

CONDITION = """\
  desktops:
    action: desktops.available
    with: {region: "${to.region}", desktops: "${to.desktops.ids}", percent_at_least: 90}
    deadline: 1m
"""


def test_a_runbook_that_calls_something_else_makes_its_document_differ(
    centre: Any, failover: Callable[..., Any]
) -> None:
    assert failover("policy", "--all", "--check").code == 0
    centre.change(
        "runbooks/voice-only-shift.yaml", ("  tell:\n    action: notify.publish", "  told:\n    action: notify.publish")
    )
    assert failover("policy", "--all", "--check").code == 0, "a name of a step is in no document"
    centre.change("runbooks/voice-only-shift.yaml", ("recovered_when:\n", "recovered_when:\n" + CONDITION))
    said = failover("policy", "--all", "--check")
    assert said.code == 1
    assert said.out.splitlines()[0] == "config/policies/voice-only-shift.json is not up to date"
    assert failover("policy", "voice-only-shift").code == 0
    assert failover("policy", "voice-only-shift", "--check", "--json").json["differing"] == []


def test_check_writes_nothing(centre: Any, failover: Callable[..., Any]) -> None:
    document = centre.folder / "config" / "policies" / "recovery.json"
    before = document.read_text()
    document.unlink()
    said = failover("policy", "--all", "--check", "--json")
    assert (said.code, said.json["differing"], said.json["written"]) == (1, ["recovery"], False)
    assert not document.exists()
    assert failover("policy", "--all").code == 0
    assert document.read_text() == before


def test_which_runbooks_must_be_said(centre: Any, failover: Callable[..., Any]) -> None:  # noqa: ARG001 - its folder
    assert failover("policy").code == 2
    assert failover("policy", "--all", "voice-only-shift").code == 2
