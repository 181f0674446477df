// What an upright phone and a low window do to forms and to the people in a call.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Attendee } from '../harness/attendee.ts';
import { type Browser, launchBrowser, screenshot } from '../harness/browser.ts';
import { Site, type Visitor } from '../harness/site.ts';

const PHONE = { width: 390, height: 844 };
const LOW = { width: 640, height: 360 };

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

async function fits({ page }: Attendee): Promise<void> {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(overflow <= 0, `${overflow} px wider than the screen`);
}

test('on a phone a form with errors says them beside its fields, and goes once they are mended', async () => {
  const grace = await Attendee.arrive(browser, site, 'Grace');
  const { page } = grace;
  try {
    await page.setViewportSize(PHONE);
    await grace.open('/sign-up');
    const field = (label: string) => page.getByLabel(label, { exact: true });
    const faulty = () => page.locator('input[aria-invalid="true"]').count();

    // What the page itself sees.
    await field('Your name').fill('Grace');
    await field('E-mail').fill('nobody');
    await field('Password').fill('short');
    await grace.button('Create an account').click();
    await grace.until('mark both fields', async () => (await faulty()) === 2);
    assert.ok(await field('E-mail').evaluate((input) => input === document.activeElement));
    await fits(grace);
    await screenshot(page, 'phone-form-errors');
    await field('E-mail').fill('ada@example.org');
    await field('Password').fill('correct horse battery');
    assert.equal(await faulty(), 0);

    // What only the server knows.
    const { email } = await admin.must<{ email: string }>('GET', '/api/auth/me');
    await field('E-mail').fill(email);
    await grace.button('Create an account').click();
    const refusal = page.getByText(/already/).first();
    await refusal.waitFor();
    const place = await refusal.boundingBox();
    assert.ok(place && place.y >= 0 && place.y + place.height <= PHONE.height, 'the refusal is in sight');
    await fits(grace);
    await screenshot(page, 'phone-form-refused');

    await field('E-mail').fill('grace.on.a.phone@example.org');
    await grace.button('Create an account').click();
    await page.getByRole('heading', { name: /Grace/ }).waitFor();
    await fits(grace);
  } finally {
    await grace.leave();
  }
});

test('tiles keep a camera whole: upright on an upright phone only, the big one as well', async () => {
  const { slug } = await admin.must<{ slug: string }>('POST', '/api/rooms', { name: 'Small' });
  const people = await Promise.all(
    ['Ada', 'Gus', 'Mia'].map((name) => Attendee.arrive(browser, site, name)),
  );
  const [ada] = people as [Attendee];
  const shapes = () =>
    ada.page.getByTestId('tile').evaluateAll((tiles) =>
      tiles.map((tile) => {
        const { width, height, right, bottom } = tile.getBoundingClientRect();
        return { aspect: width / height, inside: right <= innerWidth && bottom <= innerHeight, height };
      }),
    );
  try {
    for (const person of people) await person.join(slug);
    await ada.until('show all three', async () => (await ada.page.getByTestId('tile').count()) === 3);

    await ada.page.setViewportSize(LOW);
    await ada.until('lay the low grid', async () => {
      const all = await shapes();
      return all.every(({ aspect, inside }) => inside && aspect > 1.3 && aspect < 1.8);
    });
    await screenshot(ada.page, 'tiles-low');

    await ada.page.setViewportSize(PHONE);
    await ada.page.keyboard.press('l');
    await ada.page.locator('[data-layout="speaker"]').waitFor();
    await ada.until('lay the big picture', async () => {
      const all = await shapes();
      return all.every(({ aspect }) => aspect > 0.79 && aspect < 1.8);
    });
    const big = Math.max(...(await shapes()).map(({ height }) => height));
    assert.ok(big > PHONE.height / 2, `the big picture is only ${big} px high`);
    await screenshot(ada.page, 'tiles-phone-speaker');
  } finally {
    for (const person of people) await person.leave();
  }
});
