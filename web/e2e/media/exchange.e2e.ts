// Two and four unmodified livekit-client pages see and hear each other through the media server.
import { describe, test } from 'node:test';
import { screenshot } from '../harness/browser.ts';
import { Stage } from '../harness/room.ts';

const stage = new Stage();

for (const mode of ['single', 'dual'] as const) {
  describe(`in ${mode} peer connection mode`, () => {
    for (const identities of [
      ['ana', 'ben'],
      ['ana', 'ben', 'cleo', 'dan'],
    ]) {
      test(`${identities.length} pages exchange video and audio`, () =>
        stage.play(
          identities,
          async (_room, ...pages) => {
            for (const page of pages) await page.call('publish');
            for (const [i, page] of pages.entries()) {
              for (const other of identities.filter((_, j) => j !== i)) {
                await page.untilFlowing(other, 'camera');
                await page.untilFlowing(other, 'microphone');
                await page.until(
                  `the picture of ${other} is not black`,
                  () => page.call<number>('picture', other, 'camera'),
                  (share) => share > 0.5,
                );
              }
            }
            await screenshot(pages[0]!.page, `media-${mode}-${identities.length}`);
          },
          { mode },
        ));
    }

    test('a page that joins late sees who was there before', () =>
      stage.play(
        ['early'],
        async (room, early) => {
          await early.call('publish');
          const late = await stage.enter(room, 'late', { mode });
          try {
            await late.page.untilFlowing('early', 'camera');
            await late.page.untilFlowing('early', 'microphone');
          } finally {
            await late.page.close();
          }
        },
        { mode },
      ));
  });
}

test('pages of both modes meet in one room', () =>
  stage.play(
    ['single'],
    async (room, single) => {
      await single.call('publish');
      const dual = await stage.enter(room, 'dual', { mode: 'dual' });
      try {
        await dual.page.call('publish');
        await single.untilFlowing('dual', 'camera');
        await dual.page.untilFlowing('single', 'camera');
        await dual.page.untilFlowing('single', 'microphone');
      } finally {
        await dual.page.close();
      }
    },
    { mode: 'single' },
  ));
