// People meet: calls, moderation and recovery, in real browsers against the real binary.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Attendee } from '../harness/attendee.ts';
import { type Browser, launchBrowser, screenshot } from '../harness/browser.ts';
import { Site, type Visitor } from '../harness/site.ts';

let browser: Browser;
let site: Site;
let admin: Visitor;

before(async () => {
  browser = await launchBrowser();
  site = await Site.start();
  admin = await site.administrator();
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

const newRoom = (name: string, more: Record<string, unknown> = {}) =>
  admin.must<{ slug: string }>('POST', '/api/rooms', { name, ...more }).then(({ slug }) => slug);

/** Runs `scene` with everybody in the room, and closes their browsers whatever happens. */
async function meet(
  slug: string,
  names: string[],
  scene: (...people: Attendee[]) => Promise<void>,
  mode: 'single' | 'dual' = 'single',
): Promise<void> {
  const people: Attendee[] = [];
  try {
    for (const [i, name] of names.entries()) {
      const person = await Attendee.arrive(browser, site, name, i === 0 ? admin : undefined);
      people.push(person);
      await person.join(slug, mode);
    }
    await scene(...people);
  } finally {
    await Promise.all(people.map((person) => person.leave()));
  }
}

for (const mode of ['single', 'dual'] as const) {
  test(`four people see and hear each other in ${mode} peer connection mode`, async () => {
    const names = ['Ada Admin', 'Ben', 'Cleo', 'Dan'];
    await meet(
      await newRoom(`Four, ${mode}`),
      names,
      async (...people) => {
        for (const me of people) {
          await me.seesAndHears();
          for (const other of names.filter((name) => name !== me.name)) await me.seesPictureOf(other);
        }
        await screenshot(people[0]!.page, `meeting-four-${mode}`);
      },
      mode,
    );
  });
}

test('mute, camera, chat, hand and share reach the others', async () => {
  await meet(await newRoom('Everything'), ['Ada Admin', 'Ben'], async (ada, ben) => {
    await ada!.seesAndHears();
    await ben!.button('Turn microphone off').click();
    await ada!.tile('Ben').getByLabel('Microphone off').waitFor();
    await ben!.button('Turn camera off').click();
    await ada!.page.locator('[data-testid="tile"][data-video="false"]', { hasText: 'Ben' }).waitFor();
    await ben!.button('Turn camera on').click();
    await ada!.seesPictureOf('Ben');

    await ada!.button('Chat').click();
    await ada!.page.getByLabel('Write a message').fill('Hello Ben, see https://example.org');
    await ada!.page.keyboard.press('Enter');
    await ben!.button(/^Chat/).click();
    await ben!.page.getByRole('log').getByText('Hello Ben').waitFor();

    await ben!.button('Raise your hand').click();
    await ada!.tile('Ben').getByText('Hand raised').waitFor({ state: 'attached' });
    await ben!.button('Lower your hand').click();
    await ada!.tile('Ben').getByText('Hand raised').waitFor({ state: 'detached' });

    await ben!.button('Share your screen').click();
    await ada!.tile('Ben', 'screen_share').waitFor();
    await ada!.until('see the share', async () => (await ada!.tile('Ben', 'screen_share').locator('video').evaluate((v: HTMLVideoElement) => v.videoWidth)) > 0);
    await screenshot(ada!.page, 'screen-share-and-chat');
    await ben!.button('Stop sharing').click();
    await ada!.tile('Ben', 'screen_share').waitFor({ state: 'detached' });
  });
});

describe('moderation holds', () => {
  const actions = async (moderator: Attendee, name: string, action: string) => {
    const open = moderator.button(/^Participants/);
    if (!(await moderator.button(`Actions for ${name}`).isVisible())) await open.click();
    await moderator.button(`Actions for ${name}`).click();
    await moderator.page.getByRole('menuitem', { name: action }).click();
  };

  test('a moderator turns a microphone off', async () => {
    await meet(await newRoom('Mute'), ['Ada Admin', 'Ben'], async (ada, ben) => {
      await ada!.seesAndHears();
      await actions(ada!, 'Ben', 'Turn microphone off');
      await ben!.button('Turn microphone on').waitFor();
      await ada!.tile('Ben').getByLabel('Microphone off').waitFor();
    });
  });

  test('a kicked guest is told, and may come back', async () => {
    const slug = await newRoom('Kick');
    await meet(slug, ['Ada Admin', 'Ben'], async (ada, ben) => {
      await actions(ada!, 'Ben', 'Remove from call');
      await screenshot(ada!.page, 'kick-dialog');
      await ada!.page.locator('[role=dialog], [role=alertdialog]').getByRole('button', { name: 'Remove from call' }).click();
      await ben!.page.getByText('You were removed from the call').waitFor();
      await ada!.tile('Ben').waitFor({ state: 'detached' });
      await ben!.join(slug);
      await ada!.tile('Ben').waitFor();
    });
  });

  test('a banned guest cannot come back, not even with the old token', async () => {
    const slug = await newRoom('Ban');
    await meet(slug, ['Ada Admin', 'Ben'], async (ada, ben) => {
      const [, sockets] = [0, [] as string[]];
      ben!.page.on('websocket', (socket) => sockets.push(socket.url()));
      const again = await ben!.page.evaluate(async (slug) => {
        const answer = await fetch(`/api/rooms/${slug}/join`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-convoke-csrf': '1' },
          body: JSON.stringify({ name: 'Ben' }),
        });
        return (await answer.json()) as { url: string; token: string };
      }, slug);
      await actions(ada!, 'Ben', 'Ban from room');
      await ada!.page.locator('[role=dialog], [role=alertdialog]').getByRole('button', { name: 'Ban from room' }).click();
      await ben!.page.getByText(/You were (banned|removed)/).waitFor();
      await ben!.open(`/${slug}`);
      await ben!.page.getByText('You were banned from this room.').waitFor();
      await screenshot(ben!.page, 'banned');
      const url = `${site.url}/rtc/validate?access_token=${encodeURIComponent(again.token)}`;
      const refused = await fetch(url);
      assert.ok([401, 403].includes(refused.status), `the old token got ${refused.status}`);
    });
  });

  test('a locked room lets nobody in', async () => {
    const slug = await newRoom('Locked');
    await meet(slug, ['Ada Admin'], async (ada) => {
      await ada!.button(/^Participants/).click();
      await ada!.page.getByText('Lock the room').click();
      const late = await Attendee.arrive(browser, site, 'Late');
      try {
        await late.open(`/${slug}`);
        await late.page.getByText('This room is locked.').waitFor();
        const refused = await site.visitor().ask('POST', `/api/rooms/${slug}/join`, { name: 'Late' });
        assert.equal(refused.status, 403);
        assert.equal(refused.body.code, 'locked');
      } finally {
        await late.leave();
      }
    });
  });

  test('ending the call sends everybody out', async () => {
    await meet(await newRoom('End'), ['Ada Admin', 'Ben'], async (ada, ben) => {
      await ada!.button('Leave').click();
      await ada!.page.getByRole('menuitem', { name: 'End for everyone' }).click();
      await ada!.page.locator('[role=dialog], [role=alertdialog]').getByRole('button', { name: 'End for everyone' }).click();
      for (const person of [ada!, ben!]) await person.page.getByText('The call has ended').waitFor();
    });
  });
});

describe('a call comes back by itself', () => {
  const gap = async (people: Attendee[], breakIt: () => Promise<void>): Promise<number> => {
    for (const person of people) await person.seesAndHears();
    const start = Date.now();
    await breakIt();
    for (const person of people) {
      await person.connected(60_000);
      await person.seesAndHears(60_000);
    }
    return Date.now() - start;
  };

  test('after the media server was killed', async (context) => {
    const slug = await newRoom('Killed child');
    await meet(slug, ['Ada Admin', 'Ben'], async (...people) => {
      const milliseconds = await gap(people, async () => {
        const [pid] = await site.mediaPids();
        assert.ok(pid);
        process.kill(pid, 'SIGKILL');
        await people[0]!.until('notice', async () => (await people[0]!.page.locator('[data-connection-state="connected"]').count()) === 0);
      });
      context.diagnostic(`media server killed: everybody saw and heard again after ${milliseconds} ms`);
      // One meeting, and in it each person once.
      type Attendance = { name: string; visits: number; left_at: number | null };
      type Meetings = { items: { ended_at: number | null; attendances: Attendance[] }[] };
      const path = `/api/rooms/${slug}/meetings`;
      const { items } = await admin.must<Meetings>('GET', path);
      assert.equal(items.length, 1, JSON.stringify(items));
      assert.equal(items[0]!.ended_at, null);
      const there = items[0]!.attendances.map(({ name, visits, left_at }) => [name, visits, left_at]);
      assert.deepEqual(there.sort(), [['Ada Admin', 2, null], ['Ben', 2, null]]);
    });
  });

  // A door that was closed meanwhile shuts out nobody who was inside.
  for (const [how, again] of [
    ['restarted', () => site.restart()],
    [
      'killed',
      async () => {
        site.child.signal('SIGKILL');
        await site.startAgain();
      },
    ],
  ] as const) {
    test(`after the whole site was ${how}, into a locked room too`, async (context) => {
      const slug = await newRoom(`Site ${how}`);
      await meet(slug, ['Ada Admin', 'Ben'], async (...people) => {
        for (const person of people) await person.seesAndHears();
        await admin.must('PUT', `/api/rooms/${slug}/lock`, { locked: true });
        const milliseconds = await gap(people, again);
        context.diagnostic(`site ${how}: everybody saw and heard again after ${milliseconds} ms`);
        const late = await site.visitor().ask('POST', `/api/rooms/${slug}/join`, { name: 'Late' });
        assert.equal(late.body.code, 'locked');
      });
    });
  }
});
