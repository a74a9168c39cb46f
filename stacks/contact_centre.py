"""The contact centre itself: a Connect instance and everything in it that AWS mirrors, where there is a replica.

Under Global Resiliency the source side alone declares this; where instances are independent, each side does.
Replication, traffic distribution groups and traffic shares are no resources of Pulumi's AWS provider: the runbook
prepare-standby makes them, and runbooks alone move traffic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

from stacks import flow, greeting, names
from stacks.agents import Agents
from stacks.hours import Calendars
from stacks.queues import Queues

if TYPE_CHECKING:
    from stacks.settings import CentreSettings, LineSettings


class ContactCentre(pulumi.ComponentResource):
    """Instance, hours, queues, quick connects, agents, numbers, flows and their module."""

    def __init__(
        self, application: str, *, settings: CentreSettings, account: pulumi.Input[str], opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("contact-centre:stacks:ContactCentre", "contact-centre", None, opts)
        self._within = pulumi.ResourceOptions(parent=self)
        self._settings = settings
        self.instance = self._instance()
        self.instance_id: pulumi.Input[str] = self.instance.id
        self.hours = Calendars(self.instance.id, calendars=settings.hours, opts=self._within)
        transfer = self._flow(names.TRANSFER_FLOW, "QUEUE_TRANSFER", "How agents hand a caller on", flow.transfer())
        self.queues = Queues(
            self.instance.id,
            settings=settings,
            hours=self.hours.described(),
            transfer_flow_id=transfer.contact_flow_id,
            opts=self._within,
        )
        self.agents = self._agents()
        self.numbers = {line.name: self._numbers(line) for line in settings.lines}
        self.modules = {names.GREETING_MODULE: self._greeting(application, account)}
        main = self._flow(names.MAIN_FLOW, "CONTACT_FLOW", "Where every number arrives", self._main_content())
        self.flows = {names.MAIN_FLOW: main, names.TRANSFER_FLOW: transfer}
        self._attach()
        self.register_outputs({})

    def described(self) -> dict[str, Any]:
        """The Connect part of the inventory, as the source side knows it; traffic groups come with the standby."""
        return {
            "instance_id": self.instance.id,
            "instance_arn": self.instance.arn,
            "sign_in_url": f"https://{self._settings.instance_alias}.my.connect.aws/",
            "hours": self.hours.described(),
            "flows": {name: flow.contact_flow_id for name, flow in self.flows.items()},
            "flow_modules": {name: module.contact_flow_module_id for name, module in self.modules.items()},
            "numbers": [
                {"id": number.id, "arn": number.arn, "purpose": line.name, "priority": line.priority}
                for line in self._settings.lines
                for number in self.numbers[line.name]
            ],
            **self.queues.described(),
            **self.agents.described(),
        }

    def _guarded(self, *ignored: str) -> pulumi.ResourceOptions:
        """What cannot be had back once deleted: the instance's alias, a number (180 days of cooling)."""
        return pulumi.ResourceOptions.merge(
            self._within,
            pulumi.ResourceOptions(protect=True, retain_on_delete=True, ignore_changes=list(ignored)),
        )

    def _instance(self) -> aws.connect.Instance:
        return aws.connect.Instance(
            "instance",
            instance_alias=self._settings.instance_alias,
            # ReplicateInstance takes no other; and agents of two instances sign in to either one as themselves.
            identity_management_type="SAML",
            inbound_calls_enabled=True,
            outbound_calls_enabled=True,
            opts=self._guarded(),
        )

    def _agents(self) -> Agents:
        queues = self.queues.by_name
        # Each routing profile must name a queue for calls out: where there is none, nobody can be an agent.
        return Agents(
            self.instance.id,
            groups=self._settings.agent_groups if queues else (),
            queues=queues,
            overflow=self._settings.overflow_queue,
            opts=self._within,
        )

    def _numbers(self, line: LineSettings) -> list[aws.connect.PhoneNumber]:
        return [
            aws.connect.PhoneNumber(
                f"{line.name}-{number}",
                description=f"{line.name}, number {number}",
                country_code=self._settings.number_country,
                type=self._settings.number_type,
                target_arn=self.instance.arn,
                # `prepare-standby` re-targets the number to the traffic distribution group, once and for all.
                opts=self._guarded("target_arn"),
            )
            for number in range(1, line.numbers + 1)
        ]

    def _greeting(self, application: str, account: pulumi.Input[str]) -> aws.connect.ContactFlowModule:
        content = pulumi.Output.from_input(account).apply(
            lambda known: greeting.content(account=known, function_name=names.function_name(application))
        )
        return aws.connect.ContactFlowModule(
            names.GREETING_MODULE,
            name=names.GREETING_MODULE,
            description="Greets callers where the flag is on",
            instance_id=self.instance.id,
            content=content,
            opts=self._within,
        )

    def _main_content(self) -> pulumi.Output[str]:
        lines = pulumi.Output.all(*(self._line(line) for line in self._settings.lines))
        overflow = self.queues.by_name.get(self._settings.overflow_queue)
        greeting_id = self.modules[names.GREETING_MODULE].contact_flow_module_id
        return pulumi.Output.all(lines, greeting_id, overflow.queue_id if overflow else None).apply(
            lambda known: flow.content(
                [flow.Line(**line) for line in known[0]], greeting_id=known[1], overflow_id=known[2]
            )
        )

    def _flow(self, name: str, kind: str, description: str, content: pulumi.Input[str]) -> aws.connect.ContactFlow:
        return aws.connect.ContactFlow(
            name,
            name=name,
            description=description,
            instance_id=self.instance.id,
            type=kind,
            content=content,
            opts=self._within,
        )

    def _line(self, line: LineSettings) -> dict[str, Any]:
        queue = self.queues.by_name.get(line.queue)
        return {
            "name": line.name,
            "dialled": [number.phone_number for number in self.numbers[line.name]],
            "queue_id": queue.queue_id if queue else None,
        }

    def _attach(self) -> None:
        for line, numbers in self.numbers.items():
            for index, number in enumerate(numbers, start=1):
                aws.connect.PhoneNumberContactFlowAssociation(
                    f"{line}-{index}",
                    phone_number_id=number.id,
                    instance_id=self.instance.id,
                    contact_flow_id=self.flows[names.MAIN_FLOW].contact_flow_id,
                    opts=self._within,
                )
