"""Schemathesis against a real server, with the description that it serves: as nobody, and in each role that there is."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from site_under_test import ADMINISTRATOR, PASSWORD, ask, sign_in, site

SECONDS = int(os.environ.get("API_SECONDS", "25"))
SEED = os.environ.get("API_SEED", "20261128")
# A stream that never ends answers nothing that could be judged.
STREAMS = "watchEvents"
ENVIRONMENT = {
    "CONVOKE_SERVER__PORT": os.environ.get("API_PORT", "0"),
    "CONVOKE_AUTH__REGISTRATION": "open",
    "CONVOKE_AUTH__PASSWORD_MIN_LENGTH": "8",
    "CONVOKE_AUTH__SIGN_IN_PER_MINUTE": "1000",
    "CONVOKE_AUTH__REGISTER_PER_HOUR": "1000",
    "CONVOKE_AUTH__JOIN_PER_MINUTE": "10000",
}


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
        token, _ = sign_in(url, account)
        command += ["--header", f"Authorization:Bearer {token}", "--exclude-operation-id", STREAMS]
        environment["CONVOKE_ACCOUNT"] = json.dumps(account)
    print(f"--- as {who}", flush=True)
    return subprocess.run(command, env=environment, cwd=folder, check=False).returncode == 0


def account(url, role):
    """A new account with this role."""
    of = {"email": f"{role}@example.org", "password": PASSWORD}
    ask("POST", f"{url}/api/auth/register", {**of, "name": role.title()})
    if role != "user":
        _, user = sign_in(url, of)
        admin, _ = sign_in(url, ADMINISTRATOR)
        ask("PATCH", f"{url}/api/users/{user}", {"role": role}, admin)
    return of


def main():
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, site(ENVIRONMENT) as (url, server):
        roles = {role: account(url, role) for role in ("user", "auditor", "support")}
        runs = [("nobody", None), *roles.items(), ("administrator", ADMINISTRATOR)]
        passed = [judge(url, folder, who, of) for who, of in runs]
        alive = server.poll() is None
    good = sum(passed) + alive
    print(f"api: {good} passed, {len(passed) + 1 - good} failed")
    return 0 if alive and all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
