/**
 * Takes pictures of every page for looking at: `node dev/look.mjs [only]`, while `make dev` serves what `make seed` filled.
 * SITE, OUT and SLUG say where and which room.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const SITE = process.env.SITE ?? 'http://localhost:5173';
const OUT = process.env.OUT ?? '/tmp/convoke-look';
const only = process.argv[2];
const SLUG = process.env.SLUG ?? 'open-house';
const axe = await readFile(new URL(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
await mkdir(OUT, { recursive: true });
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
    '--auto-select-desktop-capture-source=Entire screen',
  ],
});
const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 360, height: 740 };

async function open(options, signedIn) {
  const context = await browser.newContext({ permissions: ['camera', 'microphone'], ...options });
  const page = await context.newPage();
  page.on('pageerror', (error) => console.log('PAGE ERROR', error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') console.log('CONSOLE', message.text().slice(0, 300));
  });
  if (signedIn) {
    await page.goto(`${SITE}/sign-in`);
    await page.getByLabel('E-mail').fill('ada@example.org');
    await page.getByLabel('Password').fill('correct horse battery');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'My rooms' }).waitFor();
  }
  return page;
}
async function shoot(page, name) {
  await page.waitForTimeout(500);
  await page.screenshot({ path: `${OUT}/${name}.png` });
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'],
    }),
  );
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  console.log(
    name,
    wide > 0 ? `OVERFLOW ${wide}px` : '',
    violations.length === 0 ? 'axe clean' : '',
  );
  for (const { id, nodes } of violations)
    console.log(
      '  ',
      id,
      nodes.length,
      nodes[0].html.slice(0, 200),
      nodes[0].any[0]?.message ?? '',
    );
}
const looks = [
  ['desktop', { viewport: DESKTOP }],
  ['dark', { viewport: DESKTOP, colorScheme: 'dark' }],
  ['phone', { viewport: PHONE, hasTouch: true, isMobile: true }],
  ['phone-dark', { viewport: PHONE, colorScheme: 'dark', hasTouch: true, isMobile: true }],
];
const pages = [
  ['home', '/', false],
  ['sign-in', '/sign-in', false],
  ['sign-up', '/sign-up', false],
  ['my-rooms', '/', true],
  ['account', '/account', true],
  ['settings', '/SLUG/settings', true],
  ['members', '/SLUG/settings/members', true],
  ['meetings', '/SLUG/settings/meetings', true],
  ['admin', '/admin', true],
  ['live', '/admin/live', true],
  ['rooms', '/admin/rooms', true],
  ['site-meetings', '/admin/meetings', true],
  ['recordings', '/admin/recordings', true],
  ['users', '/admin/users', true],
  ['invites', '/admin/invites', true],
  ['audit', '/admin/audit', true],
  ['agents', '/admin/agents', true],
  ['streaming', '/admin/streaming', true],
  ['connect', '/connect', false],
  ['lobby-guest', '/SLUG', false],
  ['lobby', '/SLUG', true],
  ['refused', '/team', false],
  ['missing', '/no-such-room', false],
];
for (const [look, options] of looks) {
  for (const signedIn of [false, true]) {
    const wanted = pages.filter(
      ([name, , needs]) => needs === signedIn && (!only || name === only),
    );
    if (wanted.length === 0 || only === 'call') continue;
    const page = await open(options, signedIn);
    for (const [name, path] of wanted) {
      await page.goto(SITE + path.replace('SLUG', SLUG));
      await page.locator('h1').first().waitFor();
      await page.waitForTimeout(500);
      await shoot(page, `${name}-${look}`);
    }
    await page.context().close();
  }
}
if (!only || only === 'call') {
  const join = async (page, name) => {
    await page.goto(`${SITE}/${SLUG}`);
    if (name) await page.getByLabel('Your name').fill(name);
    await page.getByRole('button', { name: 'Join now' }).click();
    await page.locator('[data-connection-state=connected]').waitFor();
  };
  const host = await open(looks[0][1], true);
  await join(host);
  const guest = await open(looks[1][1], false);
  await join(guest, 'Grace Hopper');
  const phone = await open(looks[2][1], false);
  await join(phone, 'Alan Turing');
  await host.locator('[data-testid=tile][data-video=true]').nth(2).waitFor();
  await guest.locator('[data-testid=tile][data-video=true]').nth(2).waitFor();
  await host.waitForTimeout(2500);
  await shoot(host, 'call-grid');
  await shoot(guest, 'call-grid-dark');
  await shoot(phone, 'call-grid-phone');
  await guest.getByRole('button', { name: 'Chat', exact: true }).click();
  await guest.getByLabel('Write a message').fill('Hello! The plan is at https://example.org/plan.');
  await guest.keyboard.press('Enter');
  await guest.keyboard.press('Escape');
  await guest.keyboard.press('h');
  await guest.keyboard.press('v');
  await host.getByRole('button', { name: /Chat, 1 new/ }).waitFor();
  await host.getByRole('button', { name: /Chat, 1 new/ }).click();
  await host.getByLabel('Write a message').fill('Thanks, I will read it.');
  await host.keyboard.press('Enter');
  await shoot(host, 'call-chat');
  await host.keyboard.press('Escape');
  await host.keyboard.press('p');
  await shoot(host, 'call-participants');
  await host.getByRole('button', { name: 'Actions for Grace Hopper' }).click();
  await shoot(host, 'call-moderation');
  await host.keyboard.press('Escape');
  await phone.getByRole('button', { name: /^Chat/ }).click();
  await shoot(phone, 'call-chat-phone');
  await phone.getByRole('complementary').getByRole('button', { name: 'Close' }).click();
  await phone.getByRole('button', { name: 'More' }).click();
  await shoot(phone, 'call-more-phone');
  await phone.keyboard.press('Escape');
  await host.keyboard.press('p');
  await guest.getByRole('button', { name: 'React' }).click();
  await guest.getByRole('menuitem', { name: /🎉/ }).click();
  await guest.getByRole('button', { name: 'Share your screen' }).click();
  await host.locator('[data-source=screen_share][data-video=true]').waitFor();
  await host.waitForTimeout(1000);
  await shoot(host, 'call-share');
  await shoot(phone, 'call-share-phone');
  await host.keyboard.press('?');
  await shoot(host, 'call-shortcuts');
  await host.keyboard.press('Escape');
  await host.getByRole('button', { name: 'More' }).click();
  await host.getByRole('menuitem', { name: /connect/ }).click();
  await host.getByRole('alert').or(host.getByText('Everything needed')).first().waitFor();
  await shoot(host, 'call-connect');
  await host.keyboard.press('Escape');
  await host.getByRole('button', { name: 'Participants', exact: false }).click();
  await host.getByRole('button', { name: 'Actions for Alan Turing' }).click();
  await host.getByRole('menuitem', { name: 'Remove from call' }).click();
  await shoot(host, 'call-kick');
  await host.getByRole('button', { name: 'Remove from call' }).click();
  await phone.getByRole('heading', { name: 'You were removed from the call' }).waitFor();
  await shoot(phone, 'end-phone');
  await host.getByRole('button', { name: 'Leave' }).click();
  await host.getByRole('menuitem', { name: 'End for everyone' }).click();
  await host.getByRole('button', { name: 'End for everyone' }).click();
  await guest.getByRole('heading', { name: 'The call has ended' }).waitFor();
  await shoot(guest, 'end-dark');
}
await browser.close();
