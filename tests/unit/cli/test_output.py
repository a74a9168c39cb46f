"""What people read stays within its width, and names stay whole."""

from __future__ import annotations

from orchestrator.cli.output import wrapped

HOSTS = ["connect.us-west-2.amazonaws.com", "monitoring.us-west-2.amazonaws.com", "sns.us-west-2.amazonaws.com"]


def test_lines_are_no_wider_than_the_room_and_no_host_is_broken() -> None:
    for room in range(max(map(len, HOSTS)) + 1, 120):
        lines = wrapped(f"endpoints: {', '.join(HOSTS)}", room)
        assert max(map(len, lines)) <= room
        assert all(any(host in line for line in lines) for host in HOSTS)


def test_nothing_is_one_empty_line() -> None:
    assert wrapped("", 40) == [""]
