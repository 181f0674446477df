// Where people are in a call and what it tells them: alone, two, five, a screen, the end.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Attendee } from '../harness/attendee.ts';
import { accessible } from '../harness/axe.ts';
import { type Browser, launchBrowser, type Locator, screenshot } from '../harness/browser.ts';
import { Site, type Visitor } from '../harness/site.ts';

let browser: Browser;
let site: Site;
let admin: Visitor;

before(async () => {
  [browser, site] = await Promise.all([launchBrowser(), Site.start()]);
  admin = await site.administrator();
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

const newRoom = (name: string) =>
  admin.must<{ slug: string; url: string }>('POST', '/api/rooms', { name });

/** As if it had been off the last time: encoders are dear. */
const withoutCamera = ({ page }: Attendee) =>
  page.addInitScript(() => localStorage.setItem('convoke.devices', JSON.stringify({ camera: false })));

/** Runs `scene` with those people in the room, the first of whom runs it; `cameras`: how many send one. */
async function meet(
  slug: string,
  names: string[],
  scene: (...people: Attendee[]) => Promise<void>,
  cameras = names.length,
): Promise<void> {
  const people: Attendee[] = [];
  try {
    for (const [i, name] of names.entries()) {
      const person = await Attendee.arrive(browser, site, name, i === 0 ? admin : undefined);
      people.push(person);
      if (i >= cameras) await withoutCamera(person);
      await person.join(slug);
    }
    await scene(...people);
  } finally {
    await Promise.all(people.map((person) => person.leave()));
  }
}

type Box = { x: number; y: number; width: number; height: number };
async function boxOf(what: Locator): Promise<Box> {
  const box = await what.boundingBox();
  assert.ok(box, `${what} is not to be seen`);
  return box;
}
const apart = (a: Box, b: Box) =>
  a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
const laid = (person: Attendee, layout: string) =>
  person.page.locator(`[data-layout="${layout}"]`).waitFor();
const namesInGrid = (person: Attendee) =>
  person.page.locator('[data-layout="grid"] [data-testid="tile"]').evaluateAll((tiles) =>
    tiles.map((tile) => tile.getAttribute('aria-label')),
  );

test('a room that was just made shows its link, and whoever is alone brings others', async () => {
  const ada = await Attendee.arrive(browser, site, 'Ada Admin', admin);
  try {
    await ada.open('/');
    await ada.button('New room').first().click();
    await ada.page.getByLabel('Room name').fill('First minute');
    await ada.button('Create room').click();
    await ada.page.getByRole('region', { name: 'Your room is ready' }).waitFor();
    const slug = new URL(ada.page.url()).pathname.slice(1);
    await ada.button('Join now').click();
    await ada.connected();
    await laid(ada, 'alone');
    const card = ada.page.getByRole('region', { name: 'You are alone here' });
    await card.getByText(new RegExp(`/${slug}$`)).waitFor();
    await ada.page.evaluate(() => {
      navigator.clipboard.writeText = async (text) => void (document.title = text);
    });
    await card.getByRole('button', { name: 'Copy the link' }).click();
    await ada.until('copy the link', async () => (await ada.page.title()) === `${site.url}/${slug}`);
    await card.getByRole('button', { name: 'QR code' }).click();
    await card.getByRole('img', { name: 'QR code of the link of First minute' }).waitFor();
    await card.getByRole('button', { name: 'For later' }).click();
    await card.getByLabel('When').fill('2030-05-06T09:30');
    const [download] = await Promise.all([
      ada.page.waitForEvent('download'),
      card.getByRole('button', { name: 'Calendar file' }).click(),
    ]);
    assert.equal(download.suggestedFilename(), 'First-minute.ics');
    const { readFile } = await import('node:fs/promises');
    const file = await readFile(await download.path(), 'utf8');
    assert.match(file, /^DTSTART:203005\d\dT\d{4}00Z\r$/m);
    assert.ok(file.replaceAll('\r\n ', '').includes(`URL:${site.url}/${slug}\r\n`));
    // A small mirror, and nothing over the card.
    const own = await boxOf(ada.page.getByTestId('own-picture'));
    assert.ok(own.width < 300, `the mirror is ${own.width} px wide`);
    assert.ok(apart(own, await boxOf(card)), 'the mirror lies over the card');
    await accessible(ada.page);
    await screenshot(ada.page, 'alone');
    const ben = await Attendee.arrive(browser, site, 'Ben');
    try {
      await ben.join(slug);
      await card.waitFor({ state: 'detached' });
    } finally {
      await ben.leave();
    }
    await card.waitFor();
  } finally {
    await ada.leave();
  }
});

test('of two people the other is large; oneself is moved, hidden and shown again', async () => {
  const { slug } = await newRoom('Two');
  await meet(slug, ['Ada Admin', 'Ben'], async (ada, ben) => {
    await laid(ada!, 'two');
    await ada!.seesPictureOf('Ben');
    const own = ada!.page.getByTestId('own-picture');
    const large = await boxOf(ada!.tile('Ben'));
    assert.ok(large.height > 500, `the other is only ${large.height} px high`);
    const corner = (name: string) => ada!.page.locator(`[data-testid="own-picture"][data-corner="${name}"]`).waitFor();
    await corner('bottom-right');

    // By mouse.
    const from = await boxOf(own);
    await ada!.page.mouse.move(from.x + 40, from.y + 60);
    await ada!.page.mouse.down();
    await ada!.page.mouse.move(300, 400, { steps: 5 });
    await ada!.page.mouse.move(80, 640, { steps: 5 });
    await ada!.page.mouse.up();
    await corner('bottom-left');
    const name = ada!.tile('Ben').getByText('Ben', { exact: true });
    assert.ok(apart(await boxOf(own), await boxOf(name)), 'it lies over the name');

    // By keys.
    await ada!.button('Move your picture (arrow keys)').focus();
    await ada!.page.keyboard.press('ArrowUp');
    await corner('top-left');
    await ada!.page.getByText('Your picture is at the top left.').waitFor({ state: 'attached' });
    await ben!.button('Raise your hand').click();
    const hand = ada!.tile('Ben').getByTitle('Hand raised');
    assert.ok(apart(await boxOf(own), await boxOf(hand)), 'it lies over the hand');
    await ada!.page.keyboard.press('ArrowRight');
    await corner('top-right');
    await ada!.tile('Ben').hover();
    const tools = ada!.button('Options for Ben');
    assert.ok(apart(await boxOf(own), await boxOf(tools)), 'it lies over the tools');
    await screenshot(ada!.page, 'two-top-right');

    await own.hover();
    await ada!.button('Hide your picture').click();
    await ada!.tile('Ada Admin (you)').waitFor({ state: 'detached' });
    await ada!.page.reload();
    await ada!.button('Join now').click();
    await ada!.connected();
    await ada!.button('Show your picture').click();
    await ada!.tile('Ada Admin (you)').waitFor();
    await corner('top-right');

    // Side by side is a wish that is followed.
    await ada!.page.keyboard.press('l');
    await laid(ada!, 'grid');
    await ada!.until('see both', async () => (await namesInGrid(ada!)).length === 2);
    assert.deepEqual(await namesInGrid(ada!), ['Ben', 'Ada Admin (you)']);
  });
});

test('on a phone a long name ends before the own picture, and in low tiles no name lies over a face', async () => {
  const { slug } = await newRoom('Narrow');
  const long = 'Benedict Featherstonehaugh-Cholmondeley';
  await meet(slug, ['Ada Admin', long, 'Cleo'], async (ada, _, cleo) => {
    await ada!.page.setViewportSize({ width: 480, height: 330 });
    await ada!.until('lay three low tiles', async () => (await boxOf(ada!.tile('Cleo'))).height < 136);
    for (const name of [long, 'Cleo']) {
      const face = await boxOf(ada!.tile(name).locator('[data-initials]'));
      assert.ok(apart(face, await boxOf(ada!.tile(name).getByText(name, { exact: true }))), `the name of ${name} lies over the face`);
    }
    await cleo!.button('Leave').click();
    await ada!.page.setViewportSize({ width: 360, height: 740 });
    await laid(ada!, 'two');
    const name = ada!.tile(long).getByText(long, { exact: true });
    assert.ok(apart(await boxOf(ada!.page.getByTestId('own-picture')), await boxOf(name)), 'it lies over the name');
    await screenshot(ada!.page, 'two-long-name');
  }, 0);
});

test('a camera that is late or off leaves the avatar, never a black tile', async () => {
  const { slug } = await newRoom('Late');
  await meet(slug, ['Ada Admin', 'Ben'], async (ada, ben) => {
    await ada!.seesPictureOf('Ben');
    await ada!.page.locator('[data-testid="tile"] video[data-frames="true"]').first().waitFor();
    await ben!.button('Turn camera off').click();
    await ada!.tile('Ben').locator('video').waitFor({ state: 'detached' });
    await ada!.tile('Ben').locator('[data-initials="B"]').waitFor();
  });
});

test('five people: in the order they came, oneself last; a place that gets free moves nobody else', async () => {
  const { slug } = await newRoom('Five');
  await meet(slug, ['Ada Admin', 'Ben', 'Cleo', 'Dan', 'Eve'], async (ada, ben, cleo, dan, eve) => {
    await ada!.until('see all five', async () => (await namesInGrid(ada!)).length === 5);
    assert.deepEqual(await namesInGrid(ada!), ['Ben', 'Cleo', 'Dan', 'Eve', 'Ada Admin (you)']);
    assert.deepEqual((await namesInGrid(cleo!)).at(-1), 'Cleo (you)');
    await accessible(ada!.page);
    await screenshot(ada!.page, 'five');
    const tiles = await Promise.all(['Ben', 'Cleo', 'Dan', 'Eve'].map((name) => boxOf(ada!.tile(name))));
    assert.ok(tiles.every((a, i) => tiles.every((b, j) => i === j || apart(a, b))), 'tiles overlap');

    // Where there is no room for all, oneself is on the first page.
    await ada!.page.setViewportSize({ width: 360, height: 360 });
    await ada!.page.getByText('1 of 2').waitFor();
    assert.deepEqual((await namesInGrid(ada!)).at(-1), 'Ada Admin (you)');
    await ada!.button('Next page').click();
    await ada!.page.getByText('2 of 2').waitFor();
    assert.equal((await namesInGrid(ada!)).includes('Ada Admin (you)'), false);
    await ada!.page.setViewportSize({ width: 1280, height: 800 });
    await ada!.until('see all five again', async () => (await namesInGrid(ada!)).length === 5);

    await ben!.button('Leave').click();
    await ada!.until('see four', async () => (await namesInGrid(ada!)).length === 4);
    assert.deepEqual(await namesInGrid(ada!), ['Eve', 'Cleo', 'Dan', 'Ada Admin (you)']);

    // What a tile offers who moderates, and who does not.
    await ada!.tile('Dan').hover();
    await ada!.button('Options for Dan').click();
    await ada!.page.getByRole('menuitem', { name: 'Volume for me…' }).click();
    const volume = ada!.page.getByRole('slider');
    await volume.fill('0.5');
    await ada!.page.getByText('50%').waitFor();
    await ada!.page.keyboard.press('Escape');
    await volume.waitFor({ state: 'detached' });
    await ada!.until('hear Dan at half', () =>
      ada!.page.evaluate(() => [...document.querySelectorAll('audio')].some(({ volume }) => volume === 0.5)),
    );
    await ada!.tile('Dan').hover();
    await ada!.button('Options for Dan').click();
    await ada!.page.getByRole('menuitem', { name: 'Turn microphone off' }).click();
    await dan!.button('Turn microphone on').waitFor();
    await cleo!.tile('Dan').hover();
    await cleo!.button('Options for Dan').click();
    await cleo!.page.getByRole('menuitem', { name: 'Pin Dan' }).waitFor();
    assert.equal(await cleo!.page.getByRole('menuitem', { name: 'Remove from call' }).count(), 0);
    await cleo!.page.keyboard.press('Escape');

    // A screen: large and dark for others; who shows it sees a bar, not themselves in themselves.
    await eve!.button('Share your screen').click();
    await ada!.page.locator('[data-layout="speaker"][data-screen="true"]').waitFor();
    await ada!.tile('Eve', 'screen_share').waitFor();
    const scheme = await ada!.page.getByTestId('call').evaluate((call) => getComputedStyle(call).colorScheme);
    assert.equal(scheme, 'dark');
    await eve!.page.getByText('You are presenting your screen.').waitFor();
    assert.equal(await eve!.tile('Eve', 'screen_share').count(), 0);
    await screenshot(ada!.page, 'five-screen');
    await eve!.button('Stop presenting').click();
    await laid(ada!, 'grid');
  }, 1);
});

test('news is in the bar, reaches screen readers once, and leaves', async () => {
  const { slug } = await newRoom('News');
  await meet(slug, ['Ada Admin'], async (ada) => {
    const guests = await Promise.all(['Ben', 'Cleo', 'Dan'].map((name) => Attendee.arrive(browser, site, name)));
    try {
      await Promise.all(guests.map(withoutCamera));
      await Promise.all(guests.map((guest) => guest.open(`/${slug}`)));
      for (const guest of guests) await guest.page.getByLabel('Your name').fill(guest.name);
      await Promise.all(guests.map((guest) => guest.button('Join now').click()));
      const notice = ada!.page.locator('header').getByRole('listitem', { includeHidden: true });
      const spoken = ada!.page.getByTestId('spoken');
      await notice.getByText(/joined$/).waitFor();
      assert.ok(apart(await boxOf(notice), await boxOf(ada!.page.getByRole('main'))), 'it lies over the stage');
      // Nobody is told of twice, whether they come within one sentence or not.
      const told = new Map<string, number>();
      await ada!.until('hear of all three', async () => {
        for (const text of await spoken.locator('p').allTextContents()) {
          for (const name of ['Ben', 'Cleo', 'Dan']) {
            if (text.includes(name)) told.set(name, text.split(name).length - 1);
          }
        }
        return told.size === 3;
      });
      assert.deepEqual([...told.values()], [1, 1, 1]);
      await ada!.until('see the news leave', async () => (await notice.count()) === 0);
      await ada!.until('have the sentence leave', async () => (await spoken.locator('p').count()) === 0, 40_000);
    } finally {
      await Promise.all(guests.map((guest) => guest.leave()));
    }
  });
});

test('reactions are a row that stays open, reached and closed by keys', async () => {
  const { slug } = await newRoom('Row');
  await meet(slug, ['Ada Admin', 'Ben'], async (ada, ben) => {
    await ada!.button('React').click();
    for (const emoji of ['🎉', '👏', '🎉']) await ada!.button(`React with ${emoji}`).click();
    await ben!.page.locator('b', { hasText: '👏' }).waitFor();
    const row = await boxOf(ada!.page.getByRole('toolbar', { name: 'React' }));
    assert.ok(apart(row, await boxOf(ada!.tile('Ben'))), 'it lies over a picture');
    await ada!.page.keyboard.press('Escape');
    await ada!.page.getByRole('toolbar', { name: 'React' }).waitFor({ state: 'detached' });
    assert.ok(await ada!.button('React').evaluate((button) => button === document.activeElement));
  });
});

test('the lobby on a phone: devices folded, two ways in; the end in the middle, with a way back', async () => {
  const { slug } = await newRoom('Doors');
  const gus = await Attendee.arrive(browser, site, 'Gus', undefined, { phone: true, dark: true });
  try {
    await gus.open(`/${slug}`);
    await gus.page.getByLabel('Your name').fill('Gus');
    const join = gus.button('Join now');
    const { y, height } = await boxOf(join);
    assert.ok(y + height <= 740, `the way in is below the screen, at ${y}`);
    assert.equal(await gus.page.getByText('Camera', { exact: true }).isVisible(), false);
    await gus.button('Microphone, camera, speaker').click();
    await gus.page.getByText('Camera', { exact: true }).waitFor();
    // Names of devices are whole.
    const cut = await gus.page.locator('button[aria-haspopup="listbox"] span').evaluateAll((names) =>
      names.filter((name) => name.scrollWidth > name.clientWidth + 1).map((name) => name.textContent),
    );
    assert.deepEqual(cut, []);
    await gus.button('Test the speaker').click();
    await gus.button('Playing…').waitFor();
    await gus.button('Test the speaker').waitFor();
    await accessible(gus.page);
    await screenshot(gus.page, 'lobby-phone-unfolded');
    await gus.button('Join without camera').click();
    await gus.connected();
    await gus.button('Turn camera on').waitFor();
    await gus.page.locator('[data-testid="tile"][data-video="false"]').waitFor();

    await gus.button('Leave').click();
    const heading = gus.page.getByRole('heading', { name: 'You left the call' });
    await heading.waitFor();
    const box = await boxOf(heading);
    assert.ok(Math.abs(box.x + box.width / 2 - 180) < 4, 'it is not in the middle');
    await gus.page.getByText(/^Start page in \d+ s$/).last().waitFor();
    await accessible(gus.page);
    await screenshot(gus.page, 'end-phone');
    await gus.button('Stay here').click();
    await gus.page.getByText(/^Start page in/).first().waitFor({ state: 'detached' });
    await gus.button('Join again').click();
    await gus.button('Join now').waitFor();
    // It was for once: the camera is as it was chosen.
    await gus.button('Turn camera off').waitFor();
  } finally {
    await gus.leave();
  }
});

test('whoever is signed in as somebody else signs out in the lobby and goes in as a guest', async () => {
  const { slug } = await newRoom('Shared computer');
  const nell = await site.user('Nell');
  const person = await Attendee.arrive(browser, site, 'Gus', nell);
  try {
    await person.open(`/${slug}`);
    await person.page.getByText('You join as Nell.').waitFor();
    await person.button('Not you?').click();
    await person.page.getByRole('alertdialog').getByRole('button', { name: 'Sign out' }).click();
    await person.page.getByLabel('Your name').fill('Gus');
    await person.button('Join now').click();
    await person.connected();
    await person.tile('Gus (you)').waitFor();
  } finally {
    await person.leave();
  }
});
