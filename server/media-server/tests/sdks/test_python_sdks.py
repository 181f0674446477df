"""The official Python SDKs (PyPI `livekit` and `livekit-api`, unmodified) judge the media server.

Needs CONVOKE_BIN, the binary under test; LIVEKIT_SERVER_BIN puts the real server in its place. With CONVOKE_SDKS_THROUGH=site
they use a whole site as their LiveKit server instead, with an API key that its administrator made.
"""

import asyncio
import contextlib
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import numpy
import pytest
from livekit import api, rtc

sys.path.insert(0, str(pathlib.Path(__file__).parents[3] / "platform/tests"))

from site_under_test import api_key, site, until_media_is_ready

KEY, SECRET = "APIsdks", "a-secret-of-at-least-thirty-two-bytes"


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


THROUGH_SITE = os.environ.get("CONVOKE_SDKS_THROUGH") == "site"
GRANTS = ["room_create", "room_list", "room_admin", "room_join", "room_record", "ingress_admin"]


@pytest.fixture(scope="session")
def server():
    if THROUGH_SITE:
        yield from through_site()
    else:
        yield from media_server()


def through_site():
    global KEY, SECRET
    with site() as (url, _):
        until_media_is_ready(url)
        KEY, SECRET = api_key(url, GRANTS)
        yield url


def media_server():
    port, tcp, udp = (free_port(k) for k in (socket.SOCK_STREAM, socket.SOCK_STREAM, socket.SOCK_DGRAM))
    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder, "livekit.yaml")
        real = os.environ.get("LIVEKIT_SERVER_BIN")
        # livekit-server refuses keys that it does not know.
        ours = "" if real else f"ingress: {{ state_file: {folder}/ingresses.json }}\n"
        config.write_text(
            f"port: {port}\nbind_addresses: ['127.0.0.1']\nkeys: {{ {KEY}: {SECRET} }}\n"
            f"rtc: {{ udp_port: {udp}, tcp_port: {tcp}, node_ip: 127.0.0.1, use_external_ip: false, "
            f"enable_loopback_candidate: true }}\n{ours}"
        )
        command = [real] if real else [os.environ["CONVOKE_BIN"], "media-server"]
        log = pathlib.Path(folder, "log").open("w+")
        child = subprocess.Popen([*command, "--config", str(config)], stdout=log, stderr=log)
        url = f"http://127.0.0.1:{port}"
        try:
            end = time.monotonic() + 20
            while True:
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(url).close()
                    break
                if child.poll() is not None or time.monotonic() > end:
                    log.seek(0)
                    pytest.fail(f"the media server did not start:\n{log.read()}")
                time.sleep(0.05)
            yield url
        finally:
            child.terminate()
            child.wait(15)


def run(scene):
    asyncio.run(asyncio.wait_for(scene, 60))


def token(identity, room, **grants):
    grants = api.VideoGrants(room_join=True, room=room, **grants)
    return api.AccessToken(KEY, SECRET).with_identity(identity).with_name(identity.title()).with_grants(grants).to_jwt()


@contextlib.asynccontextmanager
async def meeting(server, room, *identities, **grants):
    people = []
    try:
        for identity in identities:
            person = rtc.Room()
            await person.connect(server.replace("http", "ws"), token(identity, room, **grants))
            people.append(person)
        yield people
    finally:
        for person in people:
            await person.disconnect()


async def until(what, condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def services(server):
    client = api.LiveKitAPI(server, KEY, SECRET)
    try:
        yield client
    finally:
        await client.aclose()


async def publish_video(room, width=640, height=360):
    source = rtc.VideoSource(width, height)
    track = rtc.LocalVideoTrack.create_video_track("camera", source)

    async def pump():
        picture = numpy.full((height, width, 4), 200, dtype=numpy.uint8).tobytes()
        while True:
            source.capture_frame(rtc.VideoFrame(width, height, rtc.VideoBufferType.RGBA, picture))
            await asyncio.sleep(1 / 20)

    pumping = asyncio.create_task(pump())
    await room.local_participant.publish_track(
        track, rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_CAMERA)
    )
    return pumping


async def publish_tone(room):
    source = rtc.AudioSource(48000, 1)
    track = rtc.LocalAudioTrack.create_audio_track("microphone", source)

    async def pump():
        wave = (numpy.sin(numpy.arange(480) * 2 * numpy.pi * 440 / 48000) * 12000).astype(numpy.int16)
        while True:
            await source.capture_frame(rtc.AudioFrame(wave.tobytes(), 48000, 1, 480))

    pumping = asyncio.create_task(pump())
    await room.local_participant.publish_track(
        track, rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
    )
    return pumping


def test_rooms_are_created_listed_updated_and_deleted(server):
    async def scene():
        async with services(server) as client:
            made = await client.room.create_room(
                api.CreateRoomRequest(name="py-rooms", metadata="m", max_participants=7, empty_timeout=60)
            )
            assert made.sid.startswith("RM_") and made.max_participants == 7 and made.metadata == "m"
            again = await client.room.create_room(api.CreateRoomRequest(name="py-rooms"))
            assert again.sid == made.sid
            listed = await client.room.list_rooms(api.ListRoomsRequest(names=["py-rooms"]))
            assert [room.sid for room in listed.rooms] == [made.sid]
            changed = await client.room.update_room_metadata(
                api.UpdateRoomMetadataRequest(room="py-rooms", metadata="n")
            )
            assert changed.metadata == "n"
            await client.room.delete_room(api.DeleteRoomRequest(room="py-rooms"))
            listed = await client.room.list_rooms(api.ListRoomsRequest(names=["py-rooms"]))
            assert not listed.rooms

    run(scene())


def test_a_missing_room_is_not_found(server):
    async def scene():
        async with services(server) as client:
            with pytest.raises(api.TwirpError) as caught:
                await client.room.delete_room(api.DeleteRoomRequest(room="py-nowhere"))
            assert caught.value.code == "not_found"

    run(scene())


def test_participants_are_listed_updated_and_removed(server):
    async def scene():
        async with meeting(server, "py-people", "ana", "ben") as (ana, ben), services(server) as client:
            await until("both listed", lambda: len(ana.remote_participants) == 1)
            listed = await client.room.list_participants(api.ListParticipantsRequest(room="py-people"))
            assert sorted(p.identity for p in listed.participants) == ["ana", "ben"]
            changed = await client.room.update_participant(
                api.UpdateParticipantRequest(
                    room="py-people", identity="ben", name="Benjamin", metadata="seat 4", attributes={"hand": "up"}
                )
            )
            assert (changed.name, changed.metadata, changed.attributes["hand"]) == ("Benjamin", "seat 4", "up")
            await until("ana sees it", lambda: ana.remote_participants["ben"].name == "Benjamin")
            gone = []
            ben.on("disconnected", gone.append)
            await client.room.remove_participant(api.RoomParticipantIdentity(room="py-people", identity="ben"))
            await until("ben is told", lambda: gone == [rtc.DisconnectReason.PARTICIPANT_REMOVED])
            await until("ana sees it", lambda: not ana.remote_participants)
            with pytest.raises(api.TwirpError) as caught:
                await client.room.get_participant(api.RoomParticipantIdentity(room="py-people", identity="ben"))
            assert caught.value.code == "not_found"

    run(scene())


def test_video_and_audio_flow_both_ways(server):
    async def scene():
        async with meeting(server, "py-media", "ana", "ben") as people:
            frames, loud = {}, {}

            def listen(me, track, _publication, participant):
                key = (me, participant.identity)

                async def watch():
                    async for event in rtc.VideoStream(track):
                        if max(event.frame.data[: 640 * 100]) > 100:
                            frames[key] = frames.get(key, 0) + 1

                async def hear():
                    async for event in rtc.AudioStream(track):
                        if max(map(abs, event.frame.data)) > 3000:
                            loud[key] = loud.get(key, 0) + 1

                tasks.append(asyncio.create_task(watch() if track.kind == rtc.TrackKind.KIND_VIDEO else hear()))

            tasks = []
            for person in people:
                me = person.local_participant.identity
                person.on("track_subscribed", lambda *values, me=me: listen(me, *values))
            for person in people:
                tasks.append(await publish_video(person))
                tasks.append(await publish_tone(person))
            both = {("ana", "ben"), ("ben", "ana")}
            await until("pictures", lambda: {k for k, n in frames.items() if n > 10} == both)
            await until("sound", lambda: {k for k, n in loud.items() if n > 10} == both)
            for task in tasks:
                task.cancel()

    run(scene())


def test_a_track_is_muted_by_the_server(server):
    async def scene():
        async with meeting(server, "py-mute", "ana", "ben") as (ana, ben), services(server) as client:
            pumping = await publish_tone(ana)
            muted = []
            ben.on("track_muted", lambda participant, _publication: muted.append(participant.identity))
            await until("published", lambda: ben.remote_participants["ana"].track_publications)
            (sid,) = ben.remote_participants["ana"].track_publications
            answer = await client.room.mute_published_track(
                api.MuteRoomTrackRequest(room="py-mute", identity="ana", track_sid=sid, muted=True)
            )
            assert answer.track.muted
            await until("ben sees it", lambda: muted == ["ana"])
            pumping.cancel()

    run(scene())


def test_data_rpc_and_streams_reach_the_other(server):
    async def scene():
        async with meeting(server, "py-data", "ana", "ben") as (ana, ben), services(server) as client:
            packets, texts, files = [], [], []
            ben.on("data_received", lambda packet: packets.append((packet.data, packet.topic)))

            async def read_text(reader, identity):
                texts.append((identity, await reader.read_all()))

            async def read_bytes(reader, identity):
                files.append((identity, b"".join([chunk async for chunk in reader])))

            tasks = []
            ben.register_text_stream_handler("letters", lambda *v: tasks.append(asyncio.create_task(read_text(*v))))
            ben.register_byte_stream_handler("files", lambda *v: tasks.append(asyncio.create_task(read_bytes(*v))))

            @ben.local_participant.register_rpc_method("echo")
            async def echo(call):
                return f"{call.caller_identity}: {call.payload}"

            await ana.local_participant.publish_data(b"hello", reliable=True, topic="greeting")
            await until("a packet", lambda: packets == [(b"hello", "greeting")])
            await client.room.send_data(
                api.SendDataRequest(room="py-data", data=b"from the server", kind=api.DataPacket.Kind.RELIABLE)
            )
            await until("the server's packet", lambda: (b"from the server", "") in [(d, t or "") for d, t in packets])
            answer = await ana.local_participant.perform_rpc(destination_identity="ben", method="echo", payload="hi")
            assert answer == "ana: hi"
            await ana.local_participant.send_text("long " * 9000, topic="letters")
            await until("text", lambda: texts == [("ana", "long " * 9000)])
            writer = await ana.local_participant.stream_bytes("file", topic="files")
            await writer.write(bytes(range(256)) * 400)
            await writer.aclose()
            await until("bytes", lambda: files == [("ana", bytes(range(256)) * 400)])

    run(scene())


def test_a_client_that_hangs_up_is_gone_at_once_by_its_own_wish(server):
    async def scene():
        async with meeting(server, "py-leave", "ann", "bob") as (ann, bob):
            reasons = []
            ann.on("participant_disconnected", lambda who: reasons.append(who.disconnect_reason))
            await until("they see each other", lambda: "bob" in ann.remote_participants)
            await bob.disconnect()
            # LiveKit tells of those who publish nothing every three seconds.
            await until("ann sees bob go", lambda: reasons, seconds=4)
            assert reasons == [rtc.DisconnectReason.CLIENT_INITIATED]
            async with services(server) as client:
                left = await client.room.list_participants(api.ListParticipantsRequest(room="py-leave"))
                assert [who.identity for who in left.participants] == ["ann"]

    run(scene())


@pytest.mark.skipif(THROUGH_SITE, reason="data does not go through the site")
def test_reliable_data_faster_than_the_receiver_takes_it_arrives_whole(server):
    async def scene():
        async with meeting(server, "py-burst", "ann", "bob") as (ann, bob):
            got = []
            bob.on("data_received", lambda packet: got.append(int.from_bytes(packet.data[:4], "big")))
            await until("they see each other", lambda: "bob" in ann.remote_participants)
            count = 1500
            for number in range(count):
                data = number.to_bytes(4, "big") + b"y" * 15_000
                await ann.local_participant.publish_data(data, reliable=True)
            await until(f"{count} packets", lambda: len(got) >= count, seconds=50)
            assert got == list(range(count))

    run(scene())


def test_the_api_sends_what_a_client_takes_and_says_so_when_it_does_not(server):
    async def scene():
        async with meeting(server, "py-large", "ann") as (ann,), services(server) as client:
            got = []
            ann.on("data_received", lambda packet: got.append(len(packet.data)))

            async def send(length):
                await client.room.send_data(
                    api.SendDataRequest(room="py-large", data=b"x" * length, kind=api.DataPacket.Kind.RELIABLE)
                )

            await send(100_000)
            await until("100,000 bytes", lambda: got == [100_000])
            if "LIVEKIT_SERVER_BIN" in os.environ:
                return  # It answers 200 and the client gets nothing.
            with pytest.raises(api.TwirpError) as refused:
                await send(300_000)
            assert refused.value.code == "invalid_argument"

    run(scene())


@pytest.mark.skipif("LIVEKIT_SERVER_BIN" in os.environ, reason="it forwards the track as what it is called")
def test_video_is_no_microphone(server):
    async def scene():
        async with meeting(server, "py-disguise", "ann", "bob", can_publish_sources=["microphone"]) as (ann, bob):
            tracks = []
            bob.on("track_subscribed", lambda track, *_: tracks.append(track))
            await until("they see each other", lambda: "bob" in ann.remote_participants)
            source = rtc.VideoSource(320, 240)
            video = rtc.LocalVideoTrack.create_video_track("camera", source)
            options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
            with pytest.raises((rtc.participant.PublishTrackError, TimeoutError)):
                await asyncio.wait_for(ann.local_participant.publish_track(video, options), 15)
            pumping = await publish_tone(ann)
            await until("bob hears ann", lambda: tracks)
            pumping.cancel()
            assert [track.kind for track in tracks] == [rtc.TrackKind.KIND_AUDIO]

    run(scene())


@pytest.mark.skipif(THROUGH_SITE, reason="a site has a recorder")
def test_services_that_need_redis_say_so(server):
    async def scene():
        async with services(server) as client:
            with pytest.raises(api.TwirpError) as caught:
                await client.egress.list_egress(api.ListEgressRequest())
            assert "egress not connected" in caught.value.message

    run(scene())


@pytest.mark.skipif("LIVEKIT_SERVER_BIN" in os.environ, reason="livekit-server keeps ingresses in Redis")
def test_an_ingress_is_made_listed_changed_and_deleted(server):
    async def scene():
        async with services(server) as client:
            wish = api.CreateIngressRequest(
                input_type=api.IngressInput.WHIP_INPUT,
                name="stage",
                room_name="ingress-py",
                participant_identity="stage-1",
                participant_name="Stage",
            )
            made = await client.ingress.create_ingress(wish)
            assert made.ingress_id.startswith("IN_") and made.stream_key and made.reusable
            changed = await client.ingress.update_ingress(
                api.UpdateIngressRequest(ingress_id=made.ingress_id, name="renamed", enabled=False)
            )
            assert (changed.name, changed.enabled, changed.stream_key) == ("renamed", False, made.stream_key)
            listed = await client.ingress.list_ingress(api.ListIngressRequest(room_name="ingress-py"))
            assert [(one.name, one.state.status) for one in listed.items] == [("renamed", 0)]
            gone = await client.ingress.delete_ingress(api.DeleteIngressRequest(ingress_id=made.ingress_id))
            assert gone.ingress_id == made.ingress_id
            with pytest.raises(api.TwirpError) as caught:
                await client.ingress.list_ingress(api.ListIngressRequest(ingress_id=made.ingress_id))
            assert caught.value.code == "not_found"

    run(scene())


@pytest.mark.skipif("LIVEKIT_SERVER_BIN" in os.environ, reason="livekit-server keeps ingresses in Redis")
def test_rtmp_is_taken_where_somebody_listens_for_it(server):
    async def scene():
        async with services(server) as client:
            wish = api.CreateIngressRequest(
                input_type=api.IngressInput.RTMP_INPUT,
                name="stage",
                room_name="rtmp-py",
                participant_identity="stage-2",
            )
            # A site runs `convoke ingress` beside its media server; a media server by itself has nobody for RTMP.
            if THROUGH_SITE:
                made = await client.ingress.create_ingress(wish)
                assert made.input_type == api.IngressInput.RTMP_INPUT and made.stream_key
                await client.ingress.delete_ingress(api.DeleteIngressRequest(ingress_id=made.ingress_id))
            else:
                assert await refusal(client, wish) == "unimplemented"
            wish.input_type = api.IngressInput.URL_INPUT
            wish.url = "https://example.org/film.mp4"
            assert await refusal(client, wish) == "unimplemented"

    async def refusal(client, wish):
        with pytest.raises(api.TwirpError) as caught:
            await client.ingress.create_ingress(wish)
        return caught.value.code

    run(scene())


def test_a_wrong_secret_is_refused(server):
    async def scene():
        client = api.LiveKitAPI(server, KEY, "another-secret-of-thirty-two-bytes!!")
        try:
            with pytest.raises(api.TwirpError) as caught:
                await client.room.list_rooms(api.ListRoomsRequest())
            assert caught.value.status == 401
        finally:
            await client.aclose()

    run(scene())
