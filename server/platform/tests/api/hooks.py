"""What the description cannot say: cursors that a page could have given, and sessions that may be ended."""

import base64
import json
import os
import urllib.request

import schemathesis
from hypothesis import strategies as st

schemathesis.openapi.format(
    "cursor",
    st.text("0123456789abcdef-", max_size=36).map(
        lambda key: base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")
    ),
)

# Webhooks are sent where they point: nowhere, for this name never leads anywhere.
schemathesis.openapi.format(
    "uri",
    st.text("abc0-", max_size=20).map(lambda path: f"https://receiver.invalid/{path}"),
)

# Asked as somebody, these end the session that they are asked with: each gets one of its own.
ENDS_SESSIONS = {"signOut", "revokeSession", "revokeOtherSessions", "changePassword"}


@schemathesis.hook
def before_call(context, case, kwargs):
    account = os.environ.get("CONVOKE_ACCOUNT")
    operation = case.operation.definition.raw.get("operationId")
    if account and operation in ENDS_SESSIONS:
        case.headers["Authorization"] = f"Bearer {sign_in(account)}"


def sign_in(account):
    request = urllib.request.Request(
        f"{os.environ['CONVOKE_URL']}/api/auth/sign-in",
        json.dumps({**json.loads(account), "bearer": True}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)["token"]
