// Data through the media server: packets, RPC, text and byte streams, and whom they reach.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BarePage } from '../harness/bare-page.ts';
import { Stage } from '../harness/room.ts';

const stage = new Stage();

type Entry = { name: string; detail: unknown[] };
const heard = (page: BarePage, name: string, count = 1) =>
  page.until(
    `${count} × ${name}`,
    () => page.events(name) as Promise<Entry[]>,
    (entries) => entries.length >= count,
  );

for (const mode of ['single', 'dual'] as const) {
  describe(`in ${mode} peer connection mode`, () => {
    test('a reliable packet reaches everybody but its sender', () =>
      stage.play(
        ['ana', 'ben', 'cleo'],
        async (_room, ana, ben, cleo) => {
          await ana!.call('sendData', 'hello', { reliable: true, topic: 'greeting' });
          for (const page of [ben!, cleo!]) {
            const [entry] = await heard(page, 'dataReceived');
            assert.equal(entry!.detail[0], 'hello');
            assert.equal(entry!.detail[1], 'ana');
            assert.equal(entry!.detail[3], 'greeting');
          }
          assert.deepEqual(await ana!.events('dataReceived'), []);
        },
        { mode },
      ));

    test('a packet with destinations reaches only them', () =>
      stage.play(
        ['ana', 'ben', 'cleo'],
        async (_room, ana, ben, cleo) => {
          await ana!.call('sendData', 'for ben', { reliable: true, destinationIdentities: ['ben'] });
          await ana!.call('sendData', 'for all', { reliable: true });
          await heard(ben!, 'dataReceived', 2);
          const entries = (await heard(cleo!, 'dataReceived')) as Entry[];
          assert.deepEqual(entries.map((entry) => entry.detail[0]), ['for all']);
        },
        { mode },
      ));

    test('two hundred reliable packets arrive once and in order', () =>
      stage.play(
        ['ana', 'ben'],
        async (_room, ana, ben) => {
          for (let i = 0; i < 200; i += 1) await ana!.call('sendData', `${i}`, { reliable: true });
          const entries = await heard(ben!, 'dataReceived', 200);
          assert.deepEqual(
            entries.map((entry) => entry.detail[0]),
            Array.from({ length: 200 }, (_, i) => `${i}`),
          );
        },
        { mode },
      ));

    test('a lossy packet arrives', () =>
      stage.play(
        ['ana', 'ben'],
        async (_room, ana, ben) => {
          const [entry] = await ben!.until(
            'a lossy packet',
            async () => {
              await ana!.call('sendData', 'lossy', { reliable: false });
              return (await ben!.events('dataReceived')) as Entry[];
            },
            (entries) => entries.length > 0,
          );
          assert.equal(entry!.detail[0], 'lossy');
        },
        { mode },
      ));

    test('a participant answers a remote procedure call', () =>
      stage.play(
        ['ana', 'ben'],
        async (_room, ana, ben) => {
          await ben!.call('serveRpc', 'echo');
          assert.equal(await ana!.call('callRpc', 'ben', 'echo', 'hi'), 'ana said hi');
        },
        { mode },
      ));

    test('text and byte streams arrive whole', () =>
      stage.play(
        ['ana', 'ben'],
        async (_room, ana, ben) => {
          await ben!.call('serveText', 'letters');
          await ben!.call('serveBytes', 'files');
          const text = 'Grüße · '.repeat(5000);
          await ana!.call('sendText', text, { topic: 'letters' });
          const [letter] = await heard(ben!, 'text:letters');
          assert.deepEqual(letter!.detail, ['ana', text]);
          const sum = await ana!.call('sendBytes', 300_000, 'files');
          const [file] = await heard(ben!, 'bytes:files');
          assert.deepEqual(file!.detail, ['ana', 300_000, sum]);
        },
        { mode },
      ));
  });
}

test('who may not publish data is not heard', () =>
  stage.play(['ana'], async (room, ana) => {
    const mute = await stage.enter(room, 'mute', { grant: { canPublishData: false } });
    const ben = await stage.enter(room, 'ben');
    try {
      await mute.page.call('sendData', 'forbidden', { reliable: true }).catch(() => undefined);
      await ben.page.call('sendData', 'allowed', { reliable: true });
      const entries = await heard(ana, 'dataReceived');
      assert.deepEqual(entries.map((entry) => entry.detail[0]), ['allowed']);
    } finally {
      await mute.page.close();
      await ben.page.close();
    }
  }));

test('the server sends data through the RoomService', () =>
  stage.play(['ana', 'ben'], async (room, ana, ben) => {
    const bytes = new TextEncoder().encode('from the server');
    const { DataPacket_Kind } = await import('livekit-server-sdk');
    await stage.server.rooms.sendData(room, bytes, DataPacket_Kind.RELIABLE, { topic: 'notice', destinationIdentities: ['ben'] });
    const [entry] = await heard(ben, 'dataReceived');
    assert.equal(entry!.detail[0], 'from the server');
    assert.deepEqual(await ana.events('dataReceived'), []);
  }));
