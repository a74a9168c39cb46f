"""How calls reach agents: in their browser, or on the telephone that they have with them.

Telephone numbers are personal. They are sealed as soon as they are read, and unsealed only in the request that writes
them: values, journals, screens and errors hold seals (`model.sealing`, docs/adr/0014).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from orchestrator.actions.answers import known, listed
from orchestrator.model.actions import Call, Expected, Provenance, Setting
from orchestrator.model.errors import NotFound
from orchestrator.model.parameters import Doc, Region, Rule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orchestrator.model.values import Json

USERS_PER_PAGE = 500
SOFT_PHONE, DESK_PHONE = "SOFT_PHONE", "DESK_PHONE"
VOICE = "VOICE"
"""The one channel that has phones (botocore, PhoneNumberConfig)."""


def _some(users: list[str]) -> str:
    return "" if users else "names nobody"


@dataclass(frozen=True)
class PhoneConfigParams:
    """Parameters of `agents.phone_config`."""

    region: Annotated[Region, Doc("where the agents' settings are changed: a Region that lives")]
    instance: Annotated[str, Doc("instance id")]
    users: Annotated[list[str], Doc("user ids")]
    phone: Annotated[
        Literal["softphone", "mobile"], Doc("softphone: in the browser; mobile: the number that Connect has for them")
    ]
    rules: ClassVar[tuple[Rule, ...]] = (Rule(_some, "users"),)


class PhoneConfig(Setting[PhoneConfigParams]):
    """The phone of each agent. One call an agent, paced at the service's two a second; in force from their next call.

    Nothing else of an agent's settings is touched: after-contact work and automatic acceptance stay (assumed of lists
    that a request leaves out: the model makes each optional). An agent who no longer exists, or who has no mobile
    number where one is wanted, is reported and left out.

    Source: Connect API reference, UpdateUserConfig ("replaces the UpdateUserPhoneConfig API", which sets one
    after-contact time for all channels), SearchUsers, DescribeUser (IdentityInfo.Mobile); Administrator Guide, "Amazon
    Connect API throttling quotas".
    """

    name = "agents.phone_config"
    summary = "let calls reach agents in their browser, or on their mobile phones"
    Params = PhoneConfigParams
    expected = Expected(30.0, Provenance.DOCUMENTED, "2 calls a second")
    subject_params: ClassVar[tuple[str, ...]] = ("instance", "users")

    @classmethod
    def expect(cls, params: PhoneConfigParams) -> Expected:
        """The service takes two a second; mobile numbers are read at the same pace."""
        calls = len(params.users) * (2 if params.phone == "mobile" else 1)
        return Expected(calls / 2 + 2, Provenance.DOCUMENTED, "2 calls a second")

    @classmethod
    def calls(cls, params: PhoneConfigParams) -> tuple[Call, ...]:
        """Read in pages, mobile numbers one by one; write one by one."""
        mobiles = (Call("connect", "DescribeUser", params.region),) if params.phone == "mobile" else ()
        return (
            Call("connect", "SearchUsers", params.region),
            Call("connect", "UpdateUserConfig", params.region, write=True),
            *mobiles,
        )

    def subject(self, params: PhoneConfigParams) -> str:
        """These agents' phones; who they are is in a digest."""
        who = hashlib.sha256(",".join(sorted(params.users)).encode()).hexdigest()[:12]
        return f"connect:agents-phones:{params.instance}:{who}"

    def observe(self, params: PhoneConfigParams) -> Json:
        """`{user id: {"type", "number"}}`, numbers sealed; null for who no longer exists.

        Where mobile phones are wanted there is also `mobile`, sealed, and empty where Connect knows none.

        Raises:
            ServiceTrouble: a user is answered without an id, or one of ours without a kind of phone.
        """
        looked = self.calls(params)[0]
        connect = self.cloud.client("connect", params.region)
        found: dict[str, Any] = dict.fromkeys(params.users)
        for user in listed(
            connect, "search_users", "Users", InstanceId=params.instance, MaxResults=USERS_PER_PAGE
        ):  # fmt: skip
            who = known(user, "Id", "a user", looked)
            if who in found:
                found[who] = self._phone(user, who, looked)
        if params.phone == "mobile":
            for who, phone in found.items():
                if phone is not None:
                    phone["mobile"] = self._mobile(params, who)
        return found

    def target(self, params: PhoneConfigParams, before: Json) -> Json:
        """The phone wanted, for all."""
        if params.phone == "softphone":
            return {who: {"type": SOFT_PHONE, "number": ""} for who in before}
        return {who: {"type": DESK_PHONE, "number": was["mobile"] if was else ""} for who, was in before.items()}

    def parts(self, params: PhoneConfigParams, before: Json, target: Json) -> Sequence[Json]:  # noqa: ARG002
        """The agents whose phone differs, in a fixed order."""
        return [
            {"user": who, "type": wanted["type"], "number": wanted["number"]}
            for who, wanted in sorted(target.items())
            if wanted and not _rings(before.get(who), wanted)
        ]

    def write(self, params: PhoneConfigParams, part: Json) -> None:
        """One agent.

        Raises:
            NotFound: the agent no longer exists, or has no number to be called on.
            Unsealable: the number of before is kept by nobody.
        """
        number, call = self.cloud.vault.unseal(part["number"]), self.calls(params)[1]
        if part["type"] == DESK_PHONE and not number:
            raise NotFound(
                f"agent {part['user']} has no number in {params.region} that a telephone could be called on",
                service=call.service, operation=call.operation, region=call.region, code="NoNumber",
                remedy="give the user a mobile number in Connect",
            )  # fmt: skip
        phone = {"Channel": VOICE, "PhoneType": part["type"], **({"PhoneNumber": number} if number else {})}
        self.cloud.client("connect", params.region).update_user_config(
            InstanceId=params.instance, UserId=part["user"], PhoneNumberConfigs=[phone]
        )

    def settled(self, params: PhoneConfigParams, target: Json, now: Json) -> bool:  # noqa: ARG002
        """Everybody who exists and can has the phone, and somebody does; a number beside a softphone does no harm."""
        pairs = [(now.get(who), wanted) for who, wanted in target.items() if wanted]
        others = (wanted for is_so, wanted in pairs if is_so and not _rings(is_so, wanted))
        return any(_rings(*pair) for pair in pairs) and all(_cannot(wanted) for wanted in others)

    def _phone(self, user: Mapping[str, Any], who: str, call: Call) -> dict[str, Json]:
        """What the newer list says of calls, or else the older block that it replaces."""
        older = user.get("PhoneConfig") or {}
        old = {"PhoneType": older.get("PhoneType"), "PhoneNumber": older.get("DeskPhoneNumber")}
        newer = (each for each in user.get("PhoneNumberConfigs") or () if each.get("Channel") == VOICE)
        phone = next(newer, old)
        kind = known(phone, "PhoneType", f"the phone of user {who}", call)
        return {"type": kind, "number": self.cloud.vault.seal(phone.get("PhoneNumber") or "")}

    def _mobile(self, params: PhoneConfigParams, who: str) -> Json:
        user = self.cloud.client("connect", params.region).describe_user(InstanceId=params.instance, UserId=who)
        identity = (user.get("User") or {}).get("IdentityInfo") or {}
        return self.cloud.vault.seal(identity.get("Mobile") or "")


def _rings(is_so: Mapping[str, Any] | None, wanted: Mapping[str, Any]) -> bool:
    if is_so is None or is_so["type"] != wanted["type"]:
        return False
    return bool(wanted["type"] == SOFT_PHONE or is_so["number"] == wanted["number"])


def _cannot(wanted: Mapping[str, Any]) -> bool:
    return bool(wanted["type"] == DESK_PHONE and not wanted["number"])
