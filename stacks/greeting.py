"""The module that greets callers in an emergency: it asks for the flag, and speaks where it is on. Pure.

Laws:
- It names no Region: the function by `$.AwsRegion`, for the mirrored copy runs elsewhere.
- It always returns to the flow that invoked it: a function that fails means no emergency greeting.

Source: Amazon Connect API Reference, "InvokeFlowModule" and "EndFlowModuleExecution".
"""

from __future__ import annotations

from stacks.flags import TIMEOUT_S
from stacks.flow_actions import action, compare, document, say
from stacks.names import FLAG

EMERGENCY = "Parts of our service are disturbed at the moment. Your call is still being taken; it may take longer."


def content(*, account: str, function_name: str) -> str:
    """The module as JSON."""
    asked = {
        "LambdaFunctionARN": f"arn:aws:lambda:$.AwsRegion:{account}:function:{function_name}",
        "InvocationTimeLimitSeconds": str(TIMEOUT_S),
        "ResponseValidation": {"ResponseType": "STRING_MAP"},
    }
    return document(
        [
            action("ask-flags", "InvokeLambdaFunction", asked, "emergency", {"NoMatchingError": "return"}),
            compare("emergency", f"$.External.{FLAG}", {"on": "emergency-greeting"}, otherwise="return"),
            say("emergency-greeting", EMERGENCY, then="return"),
            action("return", "EndFlowModuleExecution", {}, None),
        ]
    )
