// Each codec that the browser can send is the one the other page receives, with and without E2EE.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Stage } from '../harness/room.ts';

const stage = new Stage();

for (const mode of ['single', 'dual'] as const) {
  describe(`in ${mode} peer connection mode`, () => {
    for (const codec of ['vp8', 'h264', 'vp9', 'av1']) {
      test(`${codec} is sent and decoded`, () =>
        stage.play(
          ['ana', 'ben'],
          async (_room, ana, ben) => {
            await ana!.call('publish', { microphone: false, options: { videoCodec: codec } });
            const flowing = await ben!.untilFlowing('ana', 'camera', 40_000);
            assert.equal(flowing.mimeType.toLowerCase(), `video/${codec}`);
          },
          { mode },
        ));
    }

    test('end-to-end encrypted pages see and hear each other', () =>
      stage.play(
        ['ana', 'ben'],
        async (_room, ana, ben) => {
          await ana!.call('publish');
          await ben!.untilFlowing('ana', 'camera');
          await ben!.untilFlowing('ana', 'microphone');
          await ben!.until('a clear picture', () => ben!.call<number>('picture', 'ana', 'camera'), (share) => share > 0.5);
        },
        { mode, e2eeKey: 'the same key' },
      ));
  });
}

test('a page without the key sees no picture', () =>
  stage.play(
    ['ana'],
    async (room, ana) => {
      await ana.call('publish');
      const stranger = await stage.enter(room, 'stranger', { e2eeKey: 'another key' });
      try {
        await stranger.page.until(
          'packets arrive',
          async () => (await stranger.page.received()).find((r) => r.source === 'camera')?.packetsReceived ?? 0,
          (packets) => packets > 50,
        );
        assert.equal(await stranger.page.call('picture', 'ana', 'camera'), 0);
      } finally {
        await stranger.page.close();
      }
    },
    { e2eeKey: 'one key' },
  ));
