"""Each control header, in its own spelling and as a field of X-Lk-Mock; one row of the documented tables is one case."""

import asyncio
import time

import aiohttp
import pytest
from conftest import CLOUD, both, control, make_room
from livekit import api

SERVED_BY = {index: (index, 200, str(index)) for index in range(4)}
FAILED = {index: (index, 503, "") for index in range(4)}


@both({"X-Lk-Mock-Fail-Regions": "0"}, failRegions=[0])
def test_a_listed_region_fails_and_the_next_serves(mock, headers):
    call = mock.call(make_room, headers)
    assert call.attempts == [FAILED[0], SERVED_BY[1]]
    assert call.answer.name == "my-room"


@both({"X-Lk-Mock-Fail-Regions": "0, 1"}, failRegions=[0, 1])
def test_two_listed_regions_fail(mock, headers):
    assert mock.call(make_room, headers).attempts == [FAILED[0], FAILED[1], SERVED_BY[2]]


@both({"X-Lk-Mock-Fail-Regions": "1,2,3"}, failRegions=[1, 2, 3])
def test_a_region_that_is_not_listed_serves(mock, headers):
    assert mock.call(make_room, headers).attempts == [SERVED_BY[0]]


@both(
    {"X-Lk-Mock-Fail-Regions": "0", "X-Lk-Mock-Fail-Mode": "status"},
    failRegions=[0],
    failMode="status",
)
def test_mode_status_answers_a_twirp_error(mock, headers):
    call = mock.call(make_room, headers, url=mock.url)
    assert call.attempts == [FAILED[0]]
    assert (call.error.status, call.error.code) == (503, "unavailable")


@both({"X-Lk-Mock-Fail-Regions": "0", "X-Lk-Mock-Fail-Mode": "drop"}, failRegions=[0], failMode="drop")
def test_mode_drop_closes_the_connection(mock, headers):
    assert mock.call(make_room, headers).attempts == [(0, None, None), SERVED_BY[1]]
    alone = mock.call(make_room, headers, url=mock.url)
    assert isinstance(alone.error, aiohttp.ClientError)


def test_mode_delay_waits_before_it_fails(mock):
    headers = {
        "X-Lk-Mock-Fail-Regions": "0",
        "X-Lk-Mock-Fail-Mode": "delay",
        "X-Lk-Mock-Fail-Status": "500",
        "X-Lk-Mock-Delay-Ms": "400",
    }
    call = mock.call(make_room, headers, url=mock.url)
    assert (call.error.status, call.error.code) == (500, "unavailable")
    assert call.seconds >= 0.4


@both({"X-Lk-Mock-Fail-Regions": "0,1,2,3"}, failRegions=[0, 1, 2, 3])
def test_the_failure_status_is_503_by_default(mock, headers):
    call = mock.call(make_room, headers)
    assert (call.error.status, call.error.code) == (503, "unavailable")


@pytest.mark.parametrize("spelling", ["headers", "json"])
@pytest.mark.parametrize(
    "status, code",
    [
        (400, "invalid_argument"),
        (401, "unauthenticated"),
        (403, "permission_denied"),
        (404, "not_found"),
        (409, "internal"),
        (429, "resource_exhausted"),
        (500, "unavailable"),
        (502, "unavailable"),
    ],
)
def test_a_failure_status_gives_its_twirp_code(mock, spelling, status, code):
    older = {"X-Lk-Mock-Fail-Regions": "0", "X-Lk-Mock-Fail-Status": str(status)}
    headers = older if spelling == "headers" else control(failRegions=[0], failStatus=status)
    call = mock.call(make_room, headers, url=mock.url)
    assert (call.error.status, call.error.code) == (status, code)
    assert call.attempts == [(0, status, "")]


@both(
    {
        "X-Lk-Mock-Fail-Regions": "0",
        "X-Lk-Mock-Fail-Status": "409",
        "X-Lk-Mock-Fail-Twirp-Code": "already_exists",
    },
    failRegions=[0],
    failStatus=409,
    failTwirpCode="already_exists",
)
def test_the_twirp_code_can_be_given(mock, headers):
    call = mock.call(make_room, headers)
    assert (call.error.status, call.error.code) == (409, "already_exists")


def test_the_older_delay_header_alone_delays_nothing(mock):
    call = mock.call(make_room, {"X-Lk-Mock-Delay-Ms": "30000"}, timeout=10)
    assert call.attempts == [SERVED_BY[0]]


def test_mode_delay_is_longer_than_a_client_waits_by_default(mock):
    headers = {"X-Lk-Mock-Fail-Regions": "0", "X-Lk-Mock-Fail-Mode": "delay"}
    call = mock.call(make_room, headers, timeout=1)
    assert isinstance(call.error, asyncio.TimeoutError)
    assert call.attempts == [(0, None, None)]


def test_a_delay_holds_back_a_success(mock):
    call = mock.call(make_room, control(delayMs=400))
    assert call.attempts == [SERVED_BY[0]]
    assert call.seconds >= 0.4


def test_a_delay_holds_back_a_failure(mock):
    call = mock.call(make_room, control(delayMs=400, failRegions=[0]), url=mock.url)
    assert call.attempts == [FAILED[0]]
    assert call.seconds >= 0.4


@both(
    {"X-Lk-Mock-Fail-Regions": "0", "X-Lk-Mock-Regions-Status": "500"},
    failRegions=[0],
    regionsStatus=500,
)
def test_the_status_of_the_region_list_can_be_given(mock, headers):
    call = mock.call(make_room, headers)
    assert set(call.attempts) == {FAILED[0]}
    assert set(call.discoveries) == {500}
    assert call.error.status == 503


@both({"X-Lk-Mock-Fail-Regions": "0"}, failRegions=[0])
def test_the_region_list_is_answered_by_default(mock, headers):
    assert mock.call(make_room, headers).discoveries == [200]


def test_the_region_list_names_every_region_in_order_and_is_not_cached(mock):
    regions, headers = mock.regions()
    assert [region["region"] for region in regions] == [f"region-{index}" for index in range(4)]
    assert [region["url"] for region in regions] == [f"{CLOUD}:{port}" for port in mock.ports]
    assert [int(region.get("distance", 0)) for region in regions] == [0, 1, 2, 3]
    assert headers["Cache-Control"] == "max-age=0"
    assert headers["X-Lk-Mock-Region"] == "0"


@both(
    {"X-Lk-Mock-Response": '{"sid":"RM_x","name":"another","numParticipants":3}'},
    response={"sid": "RM_x", "name": "another", "numParticipants": 3},
)
def test_the_answer_can_be_given(mock, headers):
    answer = mock.call(make_room, headers).answer
    assert answer == api.Room(sid="RM_x", name="another", num_participants=3)


@both({"X-Lk-Mock-Skip-Auth": "true"}, skipAuth=True)
def test_authorization_can_be_skipped(mock, headers):
    assert mock.call(make_room, headers, token="placeholder").attempts == [SERVED_BY[0]]


@both({"X-Lk-Mock-Skip-Auth": "false"}, skipAuth=False)
def test_authorization_is_checked_unless_it_is_skipped(mock, headers):
    call = mock.call(make_room, headers, token="placeholder")
    assert (call.error.status, call.error.code) == (401, "unauthenticated")


def dial(sdk, **fields):
    return sdk.sip.create_sip_participant(
        api.CreateSIPParticipantRequest(
            sip_trunk_id="ST_1", sip_call_to="+15105550100", room_name="my-room", participant_identity="caller", **fields
        )
    )


def transfer(sdk):
    return sdk.sip.transfer_sip_participant(
        api.TransferSIPParticipantRequest(
            room_name="my-room", participant_identity="caller", transfer_to="tel:+15105550122"
        )
    )


@pytest.mark.parametrize("place", [dial, transfer])
@pytest.mark.parametrize(
    "status, twirp_code, sip_code, reason",
    [
        ({"code": 486, "status": "Busy Here"}, "failed_precondition", 486, "Busy Here"),
        ({"code": 408, "status": "Request Timeout"}, "deadline_exceeded", 408, "Request Timeout"),
        ({"code": 603, "status": "Go away"}, "permission_denied", 603, "Go away"),
        ({"code": 404, "status": "Not Found"}, "not_found", 404, "Not Found"),
    ],
)
def test_a_call_fails_with_the_sip_status(mock, place, status, twirp_code, sip_code, reason):
    call = mock.call(place, control(sipStatus=status, delayMs=0), url=mock.url)
    assert isinstance(call.error, api.SipCallError)
    assert (call.error.code, call.error.sip_status_code, call.error.sip_status) == (twirp_code, sip_code, reason)
    assert call.error.metadata["error_details"]


def test_a_sip_status_concerns_calls_only(mock):
    call = mock.call(make_room, control(sipStatus={"code": 486}))
    assert call.attempts == [SERVED_BY[0]]


def test_a_call_that_waits_for_an_answer_outlasts_a_short_ring(mock):
    def ring(sdk):
        request = {"wait_until_answered": True, "ringing_timeout": {"seconds": 1}}
        return dial(sdk, **request)

    call = mock.call(ring, url=mock.url)
    assert isinstance(call.error, asyncio.TimeoutError)


def test_a_call_that_does_not_wait_is_answered_at_once(mock):
    begin = time.monotonic()
    call = mock.call(dial, url=mock.url)
    assert call.answer.participant_identity == "caller"
    assert time.monotonic() - begin < 5


def test_a_delay_of_nothing_skips_the_wait_for_an_answer(mock):
    call = mock.call(lambda sdk: dial(sdk, wait_until_answered=True), control(delayMs=0))
    assert call.answer.participant_identity == "caller"


def test_a_ring_then_a_refusal(mock):
    call = mock.call(dial, control(sipStatus={"code": 486}, delayMs=400), url=mock.url)
    assert call.error.sip_status_code == 486
    assert call.seconds >= 0.4


def test_a_region_that_is_not_pinned_answers_451(mock):
    call = mock.call(make_room, control(pinnedRegions=["region-1"]))
    assert call.error.status == 451
    assert call.attempts == [(0, 451, "")]


def test_a_pinned_region_serves(mock):
    assert mock.call(make_room, control(pinnedRegions=["region-3", "region-0"])).attempts == [SERVED_BY[0]]


def test_no_pins_hold_no_region_back(mock):
    assert mock.call(make_room, control(pinnedRegions=[])).attempts == [SERVED_BY[0]]


def test_the_region_list_of_a_pinned_project_names_its_regions_only(mock):
    regions, _ = mock.regions(**control(pinnedRegions=["region-2", "region-99"]))
    assert [region["region"] for region in regions] == ["region-2"]


def test_a_field_wins_over_its_older_header(mock):
    headers = {"X-Lk-Mock-Fail-Regions": "0", **control(failRegions=[1])}
    assert mock.call(make_room, headers).attempts == [SERVED_BY[0]]


def test_an_absent_field_leaves_the_older_header_alone(mock):
    headers = {"X-Lk-Mock-Fail-Regions": "0", **control(failStatus=400)}
    assert mock.call(make_room, headers).error.code == "invalid_argument"


def test_the_region_that_served_is_named(mock):
    for index, port in enumerate(mock.ports):
        call = mock.call(make_room, url=f"http://127.0.0.1:{port}")
        assert call.attempts == [SERVED_BY[index]]


def test_a_refusal_names_no_region(mock):
    assert mock.call(make_room, token="placeholder").attempts == [(0, 401, "")]
