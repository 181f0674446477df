"""Schemathesis against a real server, with the description that it serves: as nobody, as a user, as an administrator."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import urllib.request

HERE = pathlib.Path(__file__).parent
PASSWORD = "correct horse battery"
SECONDS = int(os.environ.get("API_SECONDS", "25"))
SEED = os.environ.get("API_SEED", "20261128")
# A stream that never ends answers nothing that could be judged.
STREAMS = "watchEvents"
ENVIRONMENT = {
    "CONVOKE_SERVER__HOST": "127.0.0.1",
    "CONVOKE_SERVER__PORT": os.environ.get("API_PORT", "0"),
    "CONVOKE_LIVEKIT__ENGINE": "built-in",
    "CONVOKE_LIVEKIT__NODE_IP": "127.0.0.1",
    "CONVOKE_LIVEKIT__PORTS__UDP": "0",
    "CONVOKE_LIVEKIT__PORTS__TCP": "0",
    "CONVOKE_AUTH__REGISTRATION": "open",
    "CONVOKE_AUTH__PASSWORD_MIN_LENGTH": "8",
    "CONVOKE_AUTH__SIGN_IN_PER_MINUTE": "1000",
    "CONVOKE_AUTH__REGISTER_PER_HOUR": "1000",
    "CONVOKE_AUTH__JOIN_PER_MINUTE": "10000",
    "CONVOKE_LOG__LEVEL": "warn",
}


def post(url, body, token=None):
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def judge(url, folder, who, account):
    command = [
        str(pathlib.Path(sys.executable).with_name("schemathesis")),
        "--config-file", str(HERE / "schemathesis.toml"),
        "run", f"{url}/api/openapi.json",
        "--phases", "examples,coverage,fuzzing",
        "--seed", SEED, "--max-examples", "15", "--max-time", str(SECONDS),
        "--continue-on-failure", "--warnings", "off", "--no-color",
    ]
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE), "CONVOKE_URL": url}
    if account:
        token = post(f"{url}/api/auth/sign-in", {**account, "bearer": True})["token"]
        command += ["--header", f"Authorization:Bearer {token}", "--exclude-operation-id", STREAMS]
        environment["CONVOKE_ACCOUNT"] = json.dumps(account)
    print(f"--- as {who}", flush=True)
    return subprocess.run(command, env=environment, cwd=folder, check=False).returncode == 0


def main():
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        server = subprocess.Popen(
            [os.environ["CONVOKE_BIN"], "serve", "--data-dir", f"{folder}/data"],
            env={**os.environ, **ENVIRONMENT},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            url = server.stdout.readline().split()[-1].replace("localhost", "127.0.0.1")
            setup = server.stdout.readline().split("token=")[1].strip()
            admin = {"email": "admin@example.org", "password": PASSWORD}
            user = {"email": "user@example.org", "password": PASSWORD}
            post(f"{url}/api/auth/setup", {**admin, "name": "Admin", "token": setup})
            post(f"{url}/api/auth/register", {**user, "name": "User"})
            runs = [("nobody", None), ("a user", user), ("an administrator", admin)]
            passed = [judge(url, folder, who, account) for who, account in runs]
            alive = server.poll() is None
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=20)
    good = sum(passed) + alive
    print(f"api: {good} passed, {len(passed) + 1 - good} failed")
    return 0 if alive and all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
