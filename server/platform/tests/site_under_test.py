"""A site of its own for judges from outside, with an administrator. Needs CONVOKE_BIN, the binary under test."""

import contextlib
import json
import os
import signal
import subprocess
import tempfile
import time
import urllib.request

PASSWORD = "correct horse battery"
ADMINISTRATOR = {"email": "admin@example.org", "password": PASSWORD}
ENVIRONMENT = {
    "CONVOKE_SERVER__HOST": "127.0.0.1",
    "CONVOKE_SERVER__PORT": "0",
    "CONVOKE_LIVEKIT__ENGINE": "built-in",
    "CONVOKE_LIVEKIT__NODE_IP": "127.0.0.1",
    "CONVOKE_LIVEKIT__PORTS__UDP": "0",
    "CONVOKE_LIVEKIT__PORTS__TCP": "0",
    "CONVOKE_LOG__LEVEL": "warn",
}


def ask(method, url, body, token=None):
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def sign_in(url, account):
    """The session's token, and whose it is."""
    answer = ask("POST", f"{url}/api/auth/sign-in", {**account, "bearer": True})
    return answer["token"], answer["user"]["id"]


def api_key(url, grants):
    """A key of a program, with its secret."""
    token, _ = sign_in(url, ADMINISTRATOR)
    made = ask("POST", f"{url}/api/api-keys", {"name": "Judge", "grants": grants}, token)
    return made["key"], made["secret"]


def until_media_is_ready(url):
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with urllib.request.urlopen(f"{url}/api/site", timeout=10) as answer:
            if json.load(answer)["media"] == "ready":
                return
        time.sleep(0.05)
    raise TimeoutError("the media server is not ready")


@contextlib.contextmanager
def site(environment=None):
    """Runs a site and yields its address and its process."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        server = subprocess.Popen(
            [os.environ["CONVOKE_BIN"], "serve", "--data-dir", f"{folder}/data"],
            env={**os.environ, **ENVIRONMENT, **(environment or {})},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            url = server.stdout.readline().split()[-1].replace("localhost", "127.0.0.1")
            setup = server.stdout.readline().split("token=")[1].strip()
            ask("POST", f"{url}/api/auth/setup", {**ADMINISTRATOR, "name": "Admin", "token": setup})
            yield url, server
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=20)
