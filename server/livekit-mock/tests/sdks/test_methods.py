"""Each method: the grants that the SDK attaches by itself suffice, each one is necessary, and the answer is populated."""

import datetime

import pytest
from calls import METHODS, OTHER, ROOM, look
from conftest import KEY, SECRET, control, make_room, twirp
from livekit import api

VIDEO = {
    "room_create": True,
    "room_list": True,
    "room_record": True,
    "ingress_admin": True,
    "room_admin": True,
    "room": ROOM,
    "destination_room": OTHER,
}
SIP = {"sip_admin": "admin", "sip_call": "call"}
NO_WAIT = control(delayMs=0)


def token(*, secret=SECRET, without=None, **instead):
    """Everything is granted but `without`; a name in `instead` has another value."""
    video = {name: value for name, value in {**VIDEO, **instead}.items() if name != without}
    sip = {field: name != without for name, field in SIP.items()}
    signed = api.AccessToken(KEY, secret).with_identity("tester").with_grants(api.VideoGrants(**video))
    return signed.with_sip_grants(api.SIPGrants(**sip)).to_jwt()


def forbidden(call):
    assert (call.error.status, call.error.code) == (403, "permission_denied")
    assert call.attempts == [(0, 403, "")]


def unauthenticated(call):
    assert (call.error.status, call.error.code) == (401, "unauthenticated")
    assert call.attempts == [(0, 401, "")]


every_method = pytest.mark.parametrize("method", METHODS, ids=[method.name for method in METHODS])


@every_method
def test_the_sdk_attaches_the_grants_and_gets_a_populated_answer(mock, method):
    call = mock.call(method.call, NO_WAIT)
    assert call.error is None
    assert call.attempts == [(0, 200, "0")]
    assert {path: look(call.answer, path) for path in method.answers} == method.answers


@pytest.mark.parametrize(
    "method, grant",
    [(method, grant) for method in METHODS for grant in method.grants],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_it_is_forbidden_without_a_grant_that_it_needs(mock, method, grant):
    forbidden(mock.call(method.call, NO_WAIT, token=token(without=grant)))


@every_method
def test_nothing_but_its_grants_is_needed(mock, method):
    for grant in {*VIDEO, *SIP} - set(method.grants):
        call = mock.call(method.call, NO_WAIT, token=token(without=grant))
        assert (grant, call.error) == (grant, None)


@pytest.mark.parametrize(
    "method, field",
    [(method, grant) for method in METHODS for grant in method.grants if grant in ("room", "destination_room")],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_a_token_of_another_room_is_forbidden(mock, method, field):
    forbidden(mock.call(method.call, NO_WAIT, token=token(**{field: "elsewhere"})))


def test_a_dispatch_is_allowed_with_a_token_of_any_room(mock):
    dispatch = next(method for method in METHODS if method.name == "AgentDispatchService/CreateDispatch")
    assert mock.call(dispatch.call, token=token(room="elsewhere")).error is None


@pytest.mark.parametrize(
    "given",
    ["placeholder", token() + "x", token(secret="another-secret")],
    ids=["malformed", "altered", "signed with another secret"],
)
def test_a_token_that_cannot_be_trusted_is_unauthenticated(mock, given):
    unauthenticated(mock.call(make_room, token=given))


def test_a_token_that_is_missing_is_unauthenticated(mock):
    def bare(sdk):
        return sdk.room._client.request("RoomService", "CreateRoom", api.CreateRoomRequest(), {}, api.Room)

    unauthenticated(mock.call(bare))


def test_a_token_that_is_over_is_unauthenticated(mock):
    over = api.AccessToken(KEY, SECRET).with_ttl(datetime.timedelta(minutes=-10))
    unauthenticated(mock.call(make_room, token=over.with_grants(api.VideoGrants(room_create=True)).to_jwt()))


def test_any_key_goes_with_the_secret(mock):
    signed = api.AccessToken("another-key", SECRET).with_grants(api.VideoGrants(room_create=True))
    assert mock.call(make_room, token=signed.to_jwt()).error is None


def test_a_method_that_is_not_known_answers_an_empty_message_without_authorization(mock):
    call = mock.call(
        lambda sdk: twirp(sdk, "RoomService/NotInventedYet", api.CreateRoomRequest(name=ROOM), api.Room),
        token="placeholder",
    )
    assert call.attempts == [(0, 200, "0")]
    assert call.answer == api.Room()
