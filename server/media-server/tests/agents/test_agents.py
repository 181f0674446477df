"""The official livekit-agents (PyPI, unmodified) judge the media server: workers register, get jobs, join rooms.

Needs CONVOKE_BIN, the binary under test; LIVEKIT_SERVER_BIN puts the real server in its place.
"""

import asyncio
import contextlib
import json
import os
import pathlib
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request

import numpy
import pytest
from livekit import api, rtc

KEY, SECRET = "APIagents", "a-secret-of-at-least-thirty-two-bytes"
REAL = os.environ.get("LIVEKIT_SERVER_BIN")
# The original has no such thing.
ours = pytest.mark.skipif(bool(REAL), reason="only the built-in media server does this")


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    def __init__(self, folder):
        port, tcp, udp = (free_port(k) for k in (socket.SOCK_STREAM, socket.SOCK_STREAM, socket.SOCK_DGRAM))
        self.url = f"http://127.0.0.1:{port}"
        self.config = pathlib.Path(folder, "livekit.yaml")
        self.config.write_text(
            f"port: {port}\nbind_addresses: ['127.0.0.1']\nkeys: {{ {KEY}: {SECRET} }}\n"
            f"rtc: {{ udp_port: {udp}, tcp_port: {tcp}, node_ip: 127.0.0.1, use_external_ip: false, "
            "enable_loopback_candidate: true }\n"
        )
        self.log = pathlib.Path(folder, "log").open("w+")
        self.start()

    def start(self):
        command = [REAL] if REAL else [os.environ["CONVOKE_BIN"], "media-server"]
        self.child = subprocess.Popen([*command, "--config", str(self.config)], stdout=self.log, stderr=self.log)
        end = time.monotonic() + 20
        while True:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(self.url).close()
                return
            assert self.child.poll() is None and time.monotonic() < end, self.config.with_name("log").read_text()
            time.sleep(0.05)

    def stop(self, how=signal.SIGTERM):
        self.child.send_signal(how)
        self.child.wait(20)


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path)
    yield server
    server.stop()


class Worker:
    """A worker in a process of its own, and what it said."""

    count = 0

    def __init__(self, server, **environment):
        Worker.count += 1
        self.name = str(Worker.count)
        self.news = queue.Queue()
        self.heard = []
        environment = {**os.environ, "WORKER": self.name, "LIVEKIT_URL": server.url.replace("http", "ws"),
                       "LIVEKIT_API_KEY": KEY, "LIVEKIT_API_SECRET": SECRET, **environment}
        worker = pathlib.Path(__file__).with_name("worker.py")
        self.child = subprocess.Popen([sys.executable, str(worker), "start"], env=environment,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.log = []
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.child.stdout:
            self.log.append(line)
            with contextlib.suppress(ValueError):
                said = json.loads(line)
                if said.get("worker") == self.name:
                    self.news.put(said)

    async def says(self, what, seconds=30, **facts):
        """Waits until it says this."""
        end = time.monotonic() + seconds
        while True:
            for said in self.heard:
                if said["what"] == what and all(said[fact] == value for fact, value in facts.items()):
                    self.heard.remove(said)
                    return said
            with contextlib.suppress(queue.Empty):
                self.heard.append(self.news.get_nowait())
                continue
            assert time.monotonic() < end, f"never said {what} {facts}: {self.heard} {''.join(self.log)[-3000:]}"
            await asyncio.sleep(0.05)

    def is_silent_about(self, what):
        with contextlib.suppress(queue.Empty):
            while True:
                self.heard.append(self.news.get_nowait())
        return not any(said["what"] == what for said in self.heard)

    def kill(self):
        self.child.kill()
        self.child.wait(10)


@contextlib.asynccontextmanager
async def workers(server, *environments):
    started = [Worker(server, **environment) for environment in environments]
    try:
        for worker in started:
            await worker.says("registered", 90)
        yield started
    finally:
        for worker in started:
            worker.kill()


def token(identity, room, config=None):
    token = api.AccessToken(KEY, SECRET).with_identity(identity)
    token = token.with_grants(api.VideoGrants(room_join=True, room=room))
    return (token.with_room_config(config) if config else token).to_jwt()


@contextlib.asynccontextmanager
async def person(server, identity, room, config=None):
    meeting = rtc.Room()
    await meeting.connect(server.url.replace("http", "ws"), token(identity, room, config))
    try:
        yield meeting
    finally:
        await meeting.disconnect()


@contextlib.asynccontextmanager
async def services(server):
    client = api.LiveKitAPI(server.url, KEY, SECRET)
    try:
        yield client
    finally:
        await client.aclose()


async def until(what, condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        await asyncio.sleep(0.05)


def run(scene):
    asyncio.run(asyncio.wait_for(scene, 150))


def test_an_agent_without_a_name_comes_into_every_room(server):
    async def scene():
        async with workers(server, {}) as [worker], person(server, "ada", "every") as ada:
            joined = await worker.says("joined", room="every")
            await until("the agent is seen", lambda: joined["identity"] in ada.remote_participants)
            agent = ada.remote_participants[joined["identity"]]
            assert agent.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
            assert agent.attributes["lk.agent_name"] == "" and agent.attributes["probe"] == "1"

    run(scene())


def test_an_agent_with_a_name_comes_when_it_is_asked_for_and_goes_when_it_is_sent_away(server):
    async def scene():
        async with workers(server, {"NAME": "helper"}) as [worker], services(server) as lk:
            async with person(server, "ada", "asked") as ada:
                assert worker.is_silent_about("asked")
                request = api.CreateAgentDispatchRequest(agent_name="helper", room="asked", metadata="m")
                made = await lk.agent_dispatch.create_dispatch(request)
                joined = await worker.says("joined", room="asked", metadata="m")
                [listed] = [d for d in await lk.agent_dispatch.list_dispatch("asked") if d.id == made.id]
                [job] = listed.state.jobs
                assert job.id == joined["job"] and job.state.participant_identity == joined["identity"]
                await until("the agent is seen", lambda: joined["identity"] in ada.remote_participants)
                await lk.agent_dispatch.delete_dispatch(made.id, "asked")
                await worker.says("ended", job=joined["job"])
                await until("the agent is gone", lambda: joined["identity"] not in ada.remote_participants)

            config = api.RoomConfiguration(agents=[api.RoomAgentDispatch(agent_name="helper", metadata="t")])
            async with person(server, "bob", "by-token", config):
                await worker.says("joined", room="by-token", metadata="t")
                await lk.room.delete_room(api.DeleteRoomRequest(room="by-token"))
                await worker.says("ended", room="by-token")

    run(scene())


def test_an_agent_for_publishers_comes_for_each_of_them(server):
    async def scene():
        async with workers(server, {"TYPE": "publisher"}) as [worker], person(server, "ada", "publishers") as ada:
            await asyncio.sleep(1)
            assert worker.is_silent_about("asked"), "nobody has published"
            source = rtc.AudioSource(48000, 1)
            track = rtc.LocalAudioTrack.create_audio_track("microphone", source)
            await ada.local_participant.publish_track(track)
            for _ in range(20):
                await source.capture_frame(rtc.AudioFrame(numpy.zeros(480, numpy.int16).tobytes(), 48000, 1, 480))
            joined = await worker.says("joined", room="publishers")
            assert joined["about"] == "ada"

    run(scene())


def test_two_workers_share_jobs_and_a_refused_one_goes_to_the_other(server):
    async def scene():
        environments = {"LOAD": "0.1"}, {"REFUSE": "1"}
        async with workers(server, *environments) as [willing, _unwilling], services(server) as lk:
            for number in range(6):
                # One after the other: the SDK gives a connection up when it waits long for the processor.
                await lk.room.create_room(api.CreateRoomRequest(name=f"shared-{number}"))
                await willing.says("joined", room=f"shared-{number}")

    run(scene())


def test_the_one_with_less_to_do_gets_more(server):
    async def scene():
        environments = {"LOAD": "0.05"}, {"LOAD": "0.9"}
        async with workers(server, *environments) as [idle, busy], services(server) as lk:
            # Each says how busy it is soon after it has registered.
            await asyncio.sleep(4)
            for number in range(20):
                await lk.room.create_room(api.CreateRoomRequest(name=f"loads-{number}"))
            await asyncio.sleep(5)
            idle.is_silent_about(""), busy.is_silent_about("")
            asked = [sum(said["what"] == "asked" for said in worker.heard) for worker in (idle, busy)]
            assert sum(asked) == 20 and asked[0] > asked[1], asked

    run(scene())


@ours
def test_the_job_of_a_killed_worker_goes_to_another(server):
    async def scene():
        async with workers(server, {"NAME": "helper"}) as [first], services(server) as lk:
            async with person(server, "ada", "killed") as ada:
                await lk.agent_dispatch.create_dispatch(
                    api.CreateAgentDispatchRequest(agent_name="helper", room="killed")
                )
                before = await first.says("joined", room="killed")
                await until("the agent is seen", lambda: before["identity"] in ada.remote_participants)
                first.kill()
                async with workers(server, {"NAME": "helper"}) as [second]:
                    after = await second.says("joined", 60, room="killed")
                    await until("the new agent is seen", lambda: after["identity"] in ada.remote_participants)
                    assert before["identity"] not in ada.remote_participants

    run(scene())


@ours
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
def test_after_a_restart_the_worker_is_back_and_there_is_one_agent(server, how):
    async def scene():
        async with workers(server, {}) as [worker], person(server, "ada", "restarted") as ada:
            before = await worker.says("joined", room="restarted")
            await until("the agent is seen", lambda: before["identity"] in ada.remote_participants)
            server.stop(how)
            server.start()
            await worker.says("registered", 90)

            def agents():
                everybody = ada.remote_participants.values()
                return [p for p in everybody if p.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT]

            await until("an agent is back", lambda: len(agents()) == 1, 60)
            await asyncio.sleep(8)
            assert len(agents()) == 1, agents()

    run(scene())
