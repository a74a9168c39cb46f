"""How a graph is drawn, on graphs of a few resources."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from outline import Names, names, outline

from drills.simulator.provision import Stack
from drills.simulator.provisioners.hosting import PROVIDER
from drills.simulator.provisioners.request import Archive, Built, Declared

NOBODY = Names({})
ID = "0a1b2c3d-0000-4000-8000-00000000000"


def declared(kind: str, called: str, parent: Declared | None = None, **inputs: Any) -> Declared:
    """In the Region `east`, where it is no component."""
    custom = ":" in kind.removeprefix("desk:stacks:")
    provider = f"urn::{PROVIDER}::east::id" if custom and kind != PROVIDER else ""
    own = f"urn::{kind}::{called}"
    return Declared(own, kind, called, custom, inputs, parent.urn if parent else "", provider, (), False, ())


EAST = declared(PROVIDER, "east", region="us-east-1")
DESK = declared("desk:stacks:Desk", "desk")
QUEUE, USER, TABLE = "aws:connect/queue:Queue", "aws:connect/user:User", "aws:dynamodb/table:Table"


def drawn(*graph: Declared, known: Names = NOBODY) -> list[str]:
    """Without the count and the provider."""
    first, *lines = outline((EAST, *graph), known).splitlines()
    assert first == f"{len(graph) + 1} resources"
    return [line for line in lines if line != "provider east"]


def test_a_resource_stands_under_its_parent_with_its_region_and_inputs() -> None:
    queue = declared(QUEUE, "vip", DESK, maxContacts=40, description="Callers", name="vip", tags={"a": "b"})
    assert drawn(queue, DESK) == ["Desk desk", "  connect.Queue vip, us-east-1", "      maxContacts: 40"]


def test_siblings_are_sorted_and_not_in_order_of_registration() -> None:
    assert drawn(declared(USER, "b"), declared(USER, "a"), declared(QUEUE, "z")) == [
        "connect.Queue z, us-east-1", "connect.User a, us-east-1", "connect.User b, us-east-1",
    ]  # fmt: skip


def test_protection_and_what_is_ignored_are_told() -> None:
    queue = replace(declared(QUEUE, "vip"), protect=True, ignore_changes=("name", "hours"), retain=True)
    assert drawn(queue) == ["connect.Queue vip, us-east-1, protected, retained, ignores hours, name"]


def test_siblings_that_differ_in_their_number_alone_are_one_line() -> None:
    users = [
        declared(USER, f"vip.{number:03}", profile="incident", alias=f"vip.{number:03}") for number in range(1, 29)
    ]
    assert drawn(*users) == ["connect.User vip.001 to vip.028 (28), us-east-1", "    profile: incident"]


def test_a_number_elsewhere_in_their_inputs_keeps_siblings_apart() -> None:
    first, second = (declared(QUEUE, f"line-{number}", most=40 + number, region="us-east-1") for number in (1, 2))
    assert drawn(first, second) == [
        "connect.Queue line-1, us-east-1", "    most: 41", "connect.Queue line-2, us-east-1", "    most: 42",
    ]  # fmt: skip


def test_one_of_many_that_is_not_ignored_stands_alone() -> None:
    users = [replace(declared(USER, f"vip.{number}"), ignore_changes=("phone",)) for number in (1, 2, 3)]
    odd = replace(users[1], ignore_changes=())
    assert drawn(users[0], odd, users[2]) == [
        "connect.User vip.1 to vip.3 (2), us-east-1, ignores phone", "connect.User vip.2, us-east-1",
    ]  # fmt: skip


def test_what_aws_chose_is_named_by_its_resource_and_an_id_of_nobodys_is_no_id() -> None:
    queue, user = declared(QUEUE, "vip"), declared(USER, "ada", queue=f"{ID}1", arn=f"arn:aws:{ID}1/x", other=f"{ID}2")
    stack = Stack({}, (EAST, queue, user), {queue.urn: Built(f"{ID}1")})
    assert drawn(queue, user, known=names({"primary": stack}, "primary"))[1:] == [
        "connect.User ada, us-east-1", "    arn: arn:aws:vip.id/x", "    other: <id>", "    queue: vip.id",
    ]  # fmt: skip


def test_what_another_role_made_says_so_and_two_of_one_name_are_told_apart() -> None:
    queue, table = declared(QUEUE, "flags"), declared(TABLE, "flags")
    stack = Stack({}, (queue, table), {queue.urn: Built(f"{ID}1"), table.urn: Built(f"{ID}2", {"arn": f"{ID}3"})})
    assert names({"primary": stack}, "standby").of == {
        f"{ID}1": "primary/connect.Queue flags.id",
        f"{ID}2": "primary/dynamodb.Table flags.id",
        f"{ID}3": "primary/dynamodb.Table flags.arn",
    }


def test_a_name_that_the_program_gave_is_no_choice_of_awss() -> None:
    table = declared(TABLE, "flags", name="desk-flags")
    assert names({"primary": Stack({}, (table,), {table.urn: Built("desk-flags")})}, "primary").of == {}


def test_json_is_told_by_what_it_holds_and_lists_by_what_their_items_have_in_common() -> None:
    policy = '{"Statement": [{"Effect": "Allow", "Action": ["a:B", "a:C"]}, {"Effect": "Allow", "Action": "d:E"}]}'
    assert drawn(declared(QUEUE, "vip", policy=policy))[1:] == [
        "    policy: Statement=(each Effect=Allow: Action=(a:B, a:C); Action=d:E)"
    ]


def test_long_texts_are_digests_and_change_with_what_they_say() -> None:
    shown = [drawn(declared(QUEUE, "vip", content=letter * 700))[1] for letter in "ab"]
    assert all("content: (700 characters, sha256 " in line for line in shown)
    assert shown[0] != shown[1]


def test_archives_are_told_by_their_files() -> None:
    (_, line) = drawn(declared(QUEUE, "vip", code=Archive({"flags.py": b"pass"})))
    assert "flags.py" in line


def test_no_telephone_number_is_written_down() -> None:
    phone = {"type": "DESK_PHONE", "number": "+12065550100"}
    assert drawn(declared(USER, "ada", phone=phone))[1:] == ["    phone: number=+… type=DESK_PHONE"]
