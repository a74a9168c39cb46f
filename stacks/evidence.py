"""Evidence of what was done: a bucket in the standby Region whose objects nobody can delete or change for a while.

Laws:
- It is in the Region that is left when the primary is gone.
- An object is locked when it is written, by the bucket's own default; in `COMPLIANCE` mode for everybody, the account's
  root included, in `GOVERNANCE` mode for all who lack `s3:BypassGovernanceRetention`.

Source: S3 User Guide, "Locking objects with Object Lock": retention modes and default retention.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi
import pulumi_aws as aws

from stacks import names
from stacks.buckets import KeptBucket
from stacks.settings import SettingsRefused

if TYPE_CHECKING:
    from stacks.settings import Source

MODES: Final = ("GOVERNANCE", "COMPLIANCE")
DEFAULT_DAYS: Final = 400
"""A year's audit, and a month to hold it."""
DAYS_MOST: Final = 36_500
"""S3 API reference, DefaultRetention: 100 years."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceSettings:
    """How an object is locked when it is written, and for how many days."""

    mode: str
    days: int


def evidence_settings(source: Source) -> EvidenceSettings:
    """From `evidence_mode` and `evidence_days`.

    Raises:
        SettingsRefused: with every fault.
    """
    mode = source.get("evidence_mode") or MODES[0]
    days = source.get_object("evidence_days")
    days = DEFAULT_DAYS if days is None else days
    faults = []
    if mode not in MODES:
        faults.append(f"evidence_mode: {mode!r} is neither {' nor '.join(MODES)}")
    if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= DAYS_MOST:
        faults.append(f"evidence_days: {days!r} is not a whole number from 1 to {DAYS_MOST}")
    if faults:
        raise SettingsRefused(faults)
    return EvidenceSettings(mode=mode, days=days)


class Evidence(pulumi.ComponentResource):
    """The bucket and its lock."""

    def __init__(
        self,
        application: str,
        *,
        settings: EvidenceSettings,
        account: pulumi.Output[str],
        region: str,
        key_arn: pulumi.Input[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("contact-centre:stacks:Evidence", "evidence", None, opts)
        within = pulumi.ResourceOptions(parent=self)
        kept = KeptBucket(
            "evidence",
            bucket=account.apply(lambda number: names.bucket(application, "evidence", number, region)),
            key_arn=key_arn,
            locked=True,
            opts=within,
        )
        self.bucket = kept.bucket
        aws.s3.BucketObjectLockConfiguration(
            "evidence",
            bucket=kept.bucket.id,
            rule={"default_retention": {"mode": settings.mode, "days": settings.days}},
            opts=pulumi.ResourceOptions.merge(within, pulumi.ResourceOptions(depends_on=[kept.versioning])),
        )
        self.register_outputs({})
