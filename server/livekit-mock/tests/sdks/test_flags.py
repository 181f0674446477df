"""Each flag and its environment name; every case starts a server of its own."""

import contextlib
import urllib.error
import urllib.request

import pytest
from conftest import CLOUD, control, free_ports, make_room, serving
from livekit import api
from livekit.api.twirp_client import TwirpClient

ONE_AND_ONLY = [(0, 200, "0")]


@contextlib.contextmanager
def set_by(how, flag, value, ports, host="127.0.0.1"):
    """A server with `flag` set on the command line or in the environment, and its ports on the command line."""
    flags = [] if flag == "--ports" else ["--ports", ",".join(map(str, ports))]
    flags += [] if flag == "--bind" else ["--bind", host]
    environment = {}
    if how == "flag":
        flags += [flag, value]
    else:
        environment["LK_TEST_SERVER_" + flag.strip("-").replace("-", "_").upper()] = value
    with serving(ports, *flags, environment=environment, host=host) as mock:
        yield mock


by_both = pytest.mark.parametrize("how", ["flag", "environment"])


@by_both
def test_ports_are_the_regions_in_order(how):
    ports = sorted(free_ports(3), reverse=True)
    with set_by(how, "--ports", ", ".join(map(str, ports)), ports) as mock:
        regions, _ = mock.regions()
        assert [(region["region"], region["url"]) for region in regions] == [
            (f"region-{index}", f"http://127.0.0.1:{port}") for index, port in enumerate(ports)
        ]
        for index, port in enumerate(ports):
            call = mock.call(make_room, url=f"http://127.0.0.1:{port}")
            assert call.attempts == [(index, 200, str(index))]


@by_both
def test_the_advertised_host_is_where_the_sdk_goes_next(how):
    with set_by(how, "--advertise-host", "http://elsewhere.livekit.cloud/", free_ports(2)) as mock:
        call = mock.call(make_room, control(failRegions=[0]), url=f"{CLOUD}:{mock.ports[0]}")
        assert call.hosts[0] == "mock.livekit.cloud"
        assert set(call.hosts[1:]) == {"elsewhere.livekit.cloud"}
        assert call.attempts[-1] == (1, 200, "1")


@by_both
def test_it_listens_on_the_bound_address_only(how):
    (port,) = free_ports(1, "127.0.0.2")
    with set_by(how, "--bind", "127.0.0.2", [port], "127.0.0.2") as mock:
        assert mock.call(make_room, url=mock.url).attempts == ONE_AND_ONLY
        with pytest.raises(urllib.error.URLError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/settings/regions").close()


@by_both
def test_the_twirp_prefix_moves_the_api(how):
    with set_by(how, "--twirp-prefix", "/rpc", free_ports(1)) as mock:

        def moved(sdk):
            client = TwirpClient(sdk.room._client._session, mock.url, "livekit", prefix="rpc")
            headers = sdk.room._auth_header(api.VideoGrants(room_create=True))
            return client.request("RoomService", "CreateRoom", api.CreateRoomRequest(name="x"), headers, api.Room)

        assert mock.call(moved).answer.name == "x"
        assert mock.call(make_room, url=mock.url).error.status == 404


@by_both
def test_the_secret_is_what_tokens_are_checked_with(how):
    with set_by(how, "--api-secret", "a-secret-of-at-least-thirty-two-bytes", free_ports(1)) as mock:
        assert mock.call(make_room, url=mock.url, secret="a-secret-of-at-least-thirty-two-bytes").error is None
        assert mock.call(make_room, url=mock.url).error.status == 401


def test_the_secret_is_that_of_a_development_server_by_default():
    with set_by("flag", "--ports", str((ports := free_ports(1))[0]), ports) as mock:
        assert mock.call(make_room, url=mock.url, secret="secret").error is None


def test_a_flag_wins_over_the_environment():
    ports = free_ports(1)
    flags = ["--ports", str(ports[0]), "--bind", "127.0.0.1", "--api-secret", "of-the-flag"]
    with serving(ports, *flags, environment={"LK_TEST_SERVER_API_SECRET": "of-the-environment"}) as mock:
        assert mock.call(make_room, url=mock.url, secret="of-the-flag").error is None
        assert mock.call(make_room, url=mock.url, secret="of-the-environment").error.status == 401
