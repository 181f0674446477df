// A client that loses its signal or its media gets both back.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Stage } from '../harness/room.ts';

const stage = new Stage();

for (const mode of ['single', 'dual'] as const) {
  describe(`in ${mode} peer connection mode`, () => {
    test('a resumed signal keeps the media of both', () =>
      stage.play(
        ['ana', 'ben'],
        async (_room, ana, ben) => {
          await ana!.call('publish');
          await ben!.call('publish');
          await ben!.untilFlowing('ana', 'camera');
          await ana!.call('simulate', 'signal-reconnect');
          await ana!.until('reconnected', () => ana!.events('reconnected'), (entries) => entries.length > 0);
          assert.deepEqual(await ben!.events('participantDisconnected'), []);
          await ben!.untilFlowing('ana', 'camera');
          await ana!.untilFlowing('ben', 'microphone');
          await ana!.call('sendData', 'after', { reliable: true });
          await ben!.until('data after', () => ben!.events('dataReceived'), (entries) => entries.length === 1);
        },
        { mode },
      ));

    test('a full reconnect publishes again', () =>
      stage.play(
        ['ana', 'ben'],
        async (_room, ana, ben) => {
          await ana!.call('publish');
          await ben!.call('publish');
          await ben!.untilFlowing('ana', 'camera');
          await ana!.call('simulate', 'full-reconnect');
          await ana!.until('reconnected', () => ana!.events('reconnected'), (entries) => entries.length > 0);
          await ben!.untilFlowing('ana', 'camera');
          await ben!.untilFlowing('ana', 'microphone');
          await ana!.untilFlowing('ben', 'camera');
        },
        { mode },
      ));

    test('a server that asks to leave and come back is obeyed', () =>
      stage.play(
        ['ana', 'ben'],
        async (_room, ana, ben) => {
          await ana!.call('publish');
          await ben!.untilFlowing('ana', 'camera');
          await ana!.call('simulate', 'server-leave').catch(() => undefined);
          await ben!.until(
            'ana left or came back',
            async () => [...(await ben!.events('participantDisconnected')), ...(await ana!.events('reconnected')), ...(await ana!.events('disconnected'))],
            (entries) => entries.length > 0,
          );
        },
        { mode },
      ));

    test('media goes over TCP when the client switches to it', () =>
      stage.play(
        ['ana', 'ben'],
        async (_room, ana, ben) => {
          await ana!.call('publish');
          await ben!.untilFlowing('ana', 'camera');
          await ana!.call('simulate', 'force-tcp');
          await ana!.until('reconnected', () => ana!.events('reconnected'), (entries) => entries.length > 0);
          await ben!.untilFlowing('ana', 'camera');
        },
        { mode },
      ));
  });
}
