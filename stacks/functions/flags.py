"""The Lambda function that the main flow asks: is the emergency greeting on?

Runs in Lambda's own Python, with the boto3 found there; packaged as an archive, never imported by the stacks.
Laws: a missing item means off; an answer is `on` or `off` and nothing else; a failed read raises, and the flow's
error branch then goes on as if off (a greeting must never cost a call).
"""  # noqa: INP001 - this folder is the content of an archive, not a package

import os
from typing import Any

import boto3

FLAG = "emergency-greeting"


def handler(_event: object, _context: object) -> dict[str, str]:
    """Answer a flow's InvokeLambdaFunction with a flat map of texts (its STRING_MAP).

    Reads strongly consistently in its own Region: a flag is believed the moment it is written.

    Raises:
        botocore.exceptions.ClientError: the table could not be read.
    """
    table = boto3.client("dynamodb")  # noqa: TID251 - in Lambda there is no door; this is its only client
    found: dict[str, Any] = table.get_item(
        TableName=os.environ["FLAGS_TABLE"],
        Key={"flag": {"S": FLAG}},
        ConsistentRead=True,
    )
    value = found.get("Item", {}).get("value", {}).get("S")
    return {FLAG: "on" if value == "on" else "off"}
