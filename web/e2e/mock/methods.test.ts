// Each method: the grants that the SDK attaches by itself suffice, each one is necessary, and the answer is populated.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { AccessToken, type VideoGrant } from 'livekit-server-sdk';
import { apiKey, apiSecret, type Call, control, makeRoom, MockServer, signed } from '../harness/mock-server.ts';
import { type Grant, methods, other, room } from './methods.ts';

let mock: MockServer;
before(async () => {
  mock = await MockServer.start();
});
after(() => mock?.stop());

const noWait = control({ delayMs: 0 });
const video: VideoGrant = {
  roomCreate: true,
  roomList: true,
  roomRecord: true,
  ingressAdmin: true,
  roomAdmin: true,
  room,
  destinationRoom: other,
};
const all = [...Object.keys(video), 'sipAdmin', 'sipCall'] as Grant[];

/** Everything is granted but `without`; `instead` has other values. */
function token(without?: Grant, instead: VideoGrant = {}): Promise<string> {
  const granted = Object.fromEntries(Object.entries({ ...video, ...instead }).filter(([name]) => name !== without));
  return signed(granted, { admin: without !== 'sipAdmin', call: without !== 'sipCall' });
}

function refused(call: Call<unknown>, status: number, code: string): void {
  assert.deepEqual([call.error?.status, call.error?.code], [status, code]);
  assert.deepEqual(call.attempts, [[0, status, '']]);
}

for (const method of methods(() => mock.ports[0]!)) {
  /** The SDK itself holds the token; a method that it lacks is handed one. */
  const callWith = (given: string) => mock.call((sdk) => method.call(sdk, given), noWait, { token: given });

  describe(method.name, () => {
    test('the SDK attaches the grants and gets a populated answer', async () => {
      const call = await mock.call((sdk) => method.call(sdk), noWait);
      assert.equal(call.error, undefined);
      assert.deepEqual(call.attempts, [[0, 200, '0']]);
      const answer = (Array.isArray(call.answer) ? call.answer[0] : call.answer) as Record<string, unknown> | undefined;
      const found = Object.fromEntries(Object.keys(method.answers).map((name) => [name, answer?.[name]]));
      assert.deepEqual(found, method.answers);
    });

    for (const grant of method.grants) {
      test(`it is forbidden without ${grant}`, async () => {
        refused(await callWith(await token(grant)), 403, 'permission_denied');
      });
      if (grant === 'room' || grant === 'destinationRoom') {
        test(`it is forbidden with another ${grant}`, async () => {
          refused(await callWith(await token(undefined, { [grant]: 'elsewhere' })), 403, 'permission_denied');
        });
      }
    }

    test('nothing but its grants is needed', async () => {
      for (const grant of all.filter((grant) => !method.grants.includes(grant))) {
        assert.deepEqual([grant, (await callWith(await token(grant))).error], [grant, undefined]);
      }
    });
  });
}

describe('authorization', () => {
  const given = {
    malformed: () => 'placeholder',
    altered: async () => `${await token()}x`,
    'signed with another secret': () => signed(video, {}, 'another-secret'),
    'that is over': async () => {
      const over = new AccessToken(apiKey, apiSecret, { ttl: '-10m' });
      over.addGrant(video);
      return over.toJwt();
    },
  };
  for (const [what, make] of Object.entries(given)) {
    test(`a token ${what} is unauthenticated`, async () => {
      refused(await mock.call(makeRoom, {}, { token: await make() }), 401, 'unauthenticated');
    });
  }

  test('a request without one is unauthenticated', async () => {
    const response = await fetch(`${mock.url}/twirp/livekit.RoomService/CreateRoom`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    assert.equal(response.status, 401);
    assert.equal(((await response.json()) as { code: string }).code, 'unauthenticated');
  });

  test('any key goes with the secret', async () => {
    const token = new AccessToken('another-key', apiSecret, { ttl: '10m' });
    token.addGrant({ roomCreate: true });
    assert.equal((await mock.call(makeRoom, {}, { token: await token.toJwt() })).error, undefined);
  });

  test('a method that is not known answers an empty message without authorization', async () => {
    const call = await mock.call((sdk) => sdk.sip.createSipTrunk('+15105550100'), {}, { token: 'placeholder' });
    assert.deepEqual(call.attempts, [[0, 200, '0']]);
    assert.equal(call.answer?.sipTrunkId, '');
  });
});
