"""Starts the mock and lets the official Python SDK (PyPI `livekit-api`, unmodified) call it.

Needs CONVOKE_BIN, the binary under test. CONVOKE_MOCK_PEER names another server that takes the same flags (LiveKit's
own `cmd/test-server`) to put in its place: so these tests were judged themselves.
"""

import asyncio
import contextlib
import dataclasses
import json
import os
import socket
import subprocess
import tempfile
import time
import urllib.request

import aiohttp
import aiohttp.abc
import pytest
from livekit import api

KEY, SECRET = "devkey", "secret"
CONTROL = "X-Lk-Mock"
#: The SDK fails over for names of LiveKit's cloud only; here such a name is loopback (see `Loopback`).
CLOUD = "http://mock.livekit.cloud"


def control(**fields):
    """The JSON control header."""
    return {CONTROL: json.dumps(fields)}


class Loopback(aiohttp.abc.AbstractResolver):
    """Every name is 127.0.0.1."""

    async def resolve(self, host, port=0, family=socket.AF_INET):
        return [
            {"hostname": host, "host": "127.0.0.1", "port": port, "family": socket.AF_INET, "proto": 0, "flags": 0}
        ]

    async def close(self):
        pass


@dataclasses.dataclass
class Call:
    """What came of one call of the SDK."""

    answer: object = None
    error: BaseException | None = None
    seconds: float = 0.0
    #: Each try, as (index of the region, HTTP status, X-Lk-Mock-Region); a broken connection is (index, None, None).
    attempts: list = dataclasses.field(default_factory=list)
    #: The HTTP status of each GET /settings/regions.
    discoveries: list = dataclasses.field(default_factory=list)
    hosts: list = dataclasses.field(default_factory=list)


class Mock:
    def __init__(self, ports, host="127.0.0.1"):
        self.ports = ports
        self.url = f"http://{host}:{ports[0]}"
        self.cloud_url = f"{CLOUD}:{ports[0]}"

    def regions(self, **headers):
        """GET /settings/regions, which the SDK reads only on its way to another region."""
        with urllib.request.urlopen(urllib.request.Request(f"{self.url}/settings/regions", headers=headers)) as answer:
            return json.load(answer)["regions"], answer.headers

    def call(self, scene, headers=None, *, url=None, secret=SECRET, token=None, timeout=20):
        """Runs `scene` with a `LiveKitAPI` whose requests all carry `headers`."""
        call = Call()

        async def played():
            tracing = aiohttp.TraceConfig()
            tracing.on_request_end.append(self._note(call))
            tracing.on_request_exception.append(self._note(call))
            async with aiohttp.ClientSession(
                headers=headers,
                connector=aiohttp.TCPConnector(resolver=Loopback()),
                trace_configs=[tracing],
            ) as session:
                where = url or self.cloud_url
                if token is not None:
                    sdk = api.LiveKitAPI.with_token(token, where, session=session)
                else:
                    sdk = api.LiveKitAPI(where, KEY, secret, session=session)
                try:
                    call.answer = await asyncio.wait_for(scene(sdk), timeout)
                except (api.ServerError, aiohttp.ClientError, asyncio.TimeoutError) as error:
                    call.error = error

        begin = time.monotonic()
        asyncio.run(played())
        call.seconds = time.monotonic() - begin
        return call

    def _note(self, call):
        async def note(_session, _context, request):
            answer = getattr(request, "response", None)
            if request.url.path == "/settings/regions":
                call.discoveries.append(answer and answer.status)
                return
            region = answer and answer.headers.get("X-Lk-Mock-Region")
            call.attempts.append((self.ports.index(request.url.port), answer and answer.status, region))
            call.hosts.append(request.url.host)

        return note


def free_ports(count, host="127.0.0.1"):
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((host, 0))
        return [one.getsockname()[1] for one in sockets]


def both(headers, **fields):
    """The case once with the older headers, once with the fields of X-Lk-Mock that mean the same."""
    return pytest.mark.parametrize("headers", [headers, control(**fields)], ids=["headers", "json"])


@contextlib.contextmanager
def serving(ports, *flags, environment=(), host="127.0.0.1"):
    """A running mock; fails with its log when it does not come up on every one of `ports`."""
    peer = os.environ.get("CONVOKE_MOCK_PEER")
    command = [peer] if peer else [os.environ["CONVOKE_BIN"], "mock-server"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LK_TEST_SERVER_")}
    with tempfile.TemporaryFile("w+") as log:
        child = subprocess.Popen([*command, *flags], env={**clean, **dict(environment)}, stdout=log, stderr=log)
        try:
            end = time.monotonic() + 20
            for port in ports:
                while True:
                    with contextlib.suppress(OSError):
                        urllib.request.urlopen(f"http://{host}:{port}/settings/regions", timeout=5).close()
                        break
                    if child.poll() is not None or time.monotonic() > end:
                        log.seek(0)
                        pytest.fail(f"the mock did not start on port {port}:\n{log.read()}")
                    time.sleep(0.02)
            yield Mock(ports, host)
        finally:
            child.terminate()
            try:
                child.wait(15)
            finally:
                child.kill()


@pytest.fixture(scope="session")
def mock():
    """Four regions on loopback."""
    ports = free_ports(4)
    flags = ["--ports", ",".join(map(str, ports)), "--bind", "127.0.0.1", "--advertise-host", CLOUD]
    with serving(ports, *flags) as running:
        yield running


async def make_room(sdk):
    """The call that most cases make."""
    return await sdk.room.create_room(api.CreateRoomRequest(name="my-room", metadata="m"))


async def twirp(sdk, method, request, answer, video=None, *, sip=None):
    """A call for which the SDK has no method, through the SDK's own Twirp client and signature."""
    headers = sdk.room._auth_header(video, sip)
    return await sdk.room._client.request(*method.split("/"), request, headers, answer)


def pytest_configure(config):
    # LiveKit's development secret, which the mock shares, is short by intent.
    config.addinivalue_line("filterwarnings", "ignore::jwt.warnings.InsecureKeyLengthWarning")
