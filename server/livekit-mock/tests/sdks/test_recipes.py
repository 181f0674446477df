"""The documented recipes, each of them one case as an SDK's own test would write it."""

import asyncio
import json

import aiohttp
import pytest
from conftest import KEY, SECRET, both, control, make_room
from livekit import api


def dial(sdk):
    return sdk.sip.create_sip_participant(
        api.CreateSIPParticipantRequest(sip_trunk_id="ST_1", sip_call_to="+15105550100", room_name="my-room")
    )


def regions_of(call):
    return [region for region, _, _ in call.attempts]


def test_happy_path(mock):
    call = mock.call(make_room)
    assert call.attempts == [(0, 200, "0")]
    assert (call.answer.name, call.answer.sid) == ("my-room", "MOCK_SID")


@both({"X-Lk-Mock-Skip-Auth": "true"}, skipAuth=True)
def test_bypass_auth(mock, headers):
    assert mock.call(make_room, headers, token="test-token").error is None


def test_missing_permission(mock):
    grants = api.VideoGrants(room_list=True)
    call = mock.call(make_room, token=api.AccessToken(KEY, SECRET).with_grants(grants).to_jwt())
    assert (call.error.status, call.error.code) == (403, "permission_denied")


@both({"X-Lk-Mock-Fail-Regions": "0"}, failRegions=[0])
def test_failover_succeeds_on_region_1(mock, headers):
    call = mock.call(make_room, headers)
    assert (regions_of(call), call.error) == ([0, 1], None)


@both({"X-Lk-Mock-Fail-Regions": "0,1"}, failRegions=[0, 1])
def test_exhaust_to_region_2(mock, headers):
    call = mock.call(make_room, headers)
    assert (regions_of(call), call.error) == ([0, 1, 2], None)


@both({"X-Lk-Mock-Fail-Regions": "0,1,2,3"}, failRegions=[0, 1, 2, 3])
def test_all_regions_down(mock, headers):
    call = mock.call(make_room, headers)
    assert regions_of(call) == [0, 1, 2], "the SDK makes three attempts"
    assert call.error.status == 503


@both({"X-Lk-Mock-Fail-Regions": "0", "X-Lk-Mock-Fail-Status": "400"}, failRegions=[0], failStatus=400)
def test_4xx_is_not_retried(mock, headers):
    call = mock.call(make_room, headers)
    assert (regions_of(call), call.error.code) == ([0], "invalid_argument")


@both({"X-Lk-Mock-Fail-Regions": "0", "X-Lk-Mock-Fail-Mode": "drop"}, failRegions=[0], failMode="drop")
def test_transport_error_failover(mock, headers):
    call = mock.call(make_room, headers)
    assert (regions_of(call), call.error) == ([0, 1], None)


@both({"X-Lk-Mock-Regions-Status": "500", "X-Lk-Mock-Fail-Regions": "0"}, regionsStatus=500, failRegions=[0])
def test_region_discovery_unreachable(mock, headers):
    call = mock.call(make_room, headers)
    assert (set(regions_of(call)), call.error.status) == ({0}, 503)


PAYLOAD = {"sid": "RM_x", "name": "my-room"}


@both({"X-Lk-Mock-Response": json.dumps(PAYLOAD)}, response=PAYLOAD)
def test_custom_response_payload(mock, headers):
    assert mock.call(make_room, headers).answer == api.Room(**PAYLOAD)


def test_timeout(mock):
    call = mock.call(make_room, control(delayMs=30000), timeout=1)
    assert isinstance(call.error, asyncio.TimeoutError)


def test_sip_busy_signal(mock):
    call = mock.call(dial, control(sipStatus={"code": 486, "status": "Busy Here"}))
    assert isinstance(call.error, api.SipCallError)
    assert (call.error.sip_status_code, call.error.sip_status) == (486, "Busy Here")


def test_sip_carrier_decline(mock):
    call = mock.call(dial, control(sipStatus={"code": 603}))
    assert (call.error.code, call.error.sip_status_code) == ("permission_denied", 603)


def test_a_host_that_is_not_of_the_cloud_is_not_left(mock):
    call = mock.call(make_room, control(failRegions=[0]), url=mock.url)
    assert (regions_of(call), call.discoveries) == ([0], [])


def test_a_connection_that_breaks_is_an_error_where_there_is_no_other_region(mock):
    call = mock.call(make_room, control(failRegions=[0], failMode="drop"), url=mock.url)
    assert isinstance(call.error, aiohttp.ClientError)
