// A newcomer's first hour in one page that is never reloaded: set-up, out and in again, an error and its correction in
// each form, a room, a call, its settings, the administration.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Attendee } from '../harness/attendee.ts';
import { type Browser, launchBrowser, screenshot } from '../harness/browser.ts';
import { Site } from '../harness/site.ts';

const PASSWORD = 'correct horse battery';
const EMAIL = 'ada@example.org';
let browser: Browser;
let site: Site;
let ada: Attendee;
let documents = 0;

before(async () => {
  browser = await launchBrowser();
  site = await Site.start();
  await site.ready();
  ada = await Attendee.arrive(browser, site, 'Ada');
  ada.page.on('request', (request) => {
    if (request.isNavigationRequest() && request.frame() === ada.page.mainFrame()) documents += 1;
  });
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

const field = (label: string) => ada.page.getByLabel(label, { exact: true });
const says = (text: string | RegExp) => ada.page.getByText(text).first().waitFor();
const gone = (text: string | RegExp) => ada.page.getByText(text).first().waitFor({ state: 'detached' });
const account = () => ada.button(/^Account menu of/);

async function fill(values: Record<string, string>): Promise<void> {
  for (const [label, text] of Object.entries(values)) await field(label).fill(text);
}

/** A step in the account menu. */
async function choose(item: string): Promise<void> {
  await account().click();
  await ada.page.getByRole('menuitem', { name: item, exact: true }).click();
}

/** Presses where the button is now, as a hand does: once, whatever moves meanwhile. */
async function press(name: string): Promise<void> {
  const button = ada.button(name);
  await button.scrollIntoViewIfNeeded();
  const box = await button.boundingBox();
  assert.ok(box, `no button ${name}`);
  await ada.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await ada.page.mouse.down();
  // Long enough for what the button's focus sets off.
  await ada.page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  await ada.page.mouse.up();
}

/** One form: sent with a mistake, which is said, then corrected and sent with one press. */
async function corrected(
  wrong: Record<string, string>,
  complaint: string | RegExp,
  right: Record<string, string>,
  button: string,
): Promise<void> {
  await fill(wrong);
  await press(button);
  await says(complaint);
  await fill(right);
  await press(button);
}

test('set-up leads in, without a reload', async () => {
  const link = new URL(site.setupLink());
  await ada.open(link.pathname + link.search);
  await field('Your name').waitFor();
  await corrected(
    { 'Your name': 'Ada', 'E-mail': 'nobody', Password: PASSWORD },
    'This is not an e-mail address.',
    { 'E-mail': EMAIL },
    'Create administrator',
  );
  await says('Hello, Ada');
  await account().waitFor();
  await choose('Administration');
  await says('Calls now');
});

test('signing out leaves nothing on the screen, and signing in brings all back', async () => {
  await choose('Sign out');
  await says('Sign in to open a room');
  await gone(/Ada/);
  assert.equal(await account().count(), 0);
  await ada.page.getByRole('banner').getByRole('link', { name: 'Sign in' }).click();
  await corrected(
    { 'E-mail': EMAIL, Password: 'a wrong password' },
    'E-mail or password is wrong.',
    { Password: PASSWORD },
    'Sign in',
  );
  await says('Hello, Ada');
  await account().waitFor();
});

test('another tab follows who is signed in', async () => {
  const tab = await ada.page.context().newPage();
  try {
    await tab.goto(`${site.url}/`);
    await tab.getByText('Hello, Ada').waitFor();
    await choose('Sign out');
    await tab.getByText('Sign in to open a room').waitFor();
    assert.equal(await tab.getByText('Ada').count(), 0);
    await ada.page.getByRole('banner').getByRole('link', { name: 'Sign in' }).click();
    await fill({ 'E-mail': EMAIL, Password: PASSWORD });
    await press('Sign in');
    await tab.getByText('Hello, Ada').waitFor();
  } finally {
    await tab.close();
  }
  await says('Hello, Ada');
});

test('a name that is too long is corrected, and shown at once', async () => {
  await choose('Your account');
  await field('Your name').waitFor();
  await corrected({ 'Your name': 'A'.repeat(81) }, 'At most 80 characters.', { 'Your name': 'Ada Newcomer' }, 'Save');
  await ada.button('Account menu of Ada Newcomer').waitFor();
});

test('a wrong password from the server is corrected', async () => {
  await corrected(
    { 'Current password': 'a wrong password', 'New password': 'another horse battery' },
    'This is wrong.',
    { 'Current password': PASSWORD },
    'Change password',
  );
  await says('Password changed; other devices are signed out.');
});

test('a room is made, entered and left', async () => {
  await ada.page.getByRole('link', { name: 'Convoke' }).click();
  await ada.button('New room').click();
  await field('Room name').waitFor();
  await corrected({ 'Room name': ' ' }, 'This is required.', { 'Room name': 'First room' }, 'Create room');
  await ada.button('Join now').waitFor();
  await ada.button('Join now').click();
  await ada.connected();
  await ada.button('Leave').click();
  await ada.page.getByRole('menuitem', { name: 'Leave the call' }).click();
  await says('You left the call');
});

test("the room's settings take corrections", async () => {
  const slug = new URL(ada.page.url()).pathname.slice(1);
  await ada.page.getByRole('link', { name: 'Back to the start page' }).click();
  await ada.button('Settings of First room').click();
  await field('Link code').waitFor();
  await corrected({ 'Link code': 'admin' }, 'This address belongs to the site itself.', { 'Link code': 'first-room' }, 'Save');
  await ada.page.waitForURL(/\/first-room\/settings/);
  assert.notEqual(slug, 'first-room');
  await ada.page.getByRole('tab', { name: 'Invited people' }).click();
  await field('E-mail of their account').waitFor();
  const grace = await site.user('Grace');
  await corrected(
    { 'E-mail of their account': 'nobody@example.org' },
    'No account has this e-mail.',
    { 'E-mail of their account': 'grace@example.org' },
    'Invite',
  );
  await ada.page.getByRole('listitem').getByText('grace@example.org').waitFor();
  assert.equal((await grace.ask('GET', '/api/rooms/first-room')).status, 200);
  await ada.page.getByRole('tab', { name: 'Activity' }).click();
  await says('Person invited');
  await says('Grace');
  await says(/Link code: .+ → first-room/);
});

const adminPage = (name: string) =>
  ada.page.getByRole('navigation', { name: 'Administration' }).getByRole('link', { name });

test('administration: an invitation, live figures, and a way back into an account', async () => {
  await choose('Administration');
  await adminPage('Invitations').click();
  await ada.button('New invitation').click();
  await field('Only for this e-mail (optional)').waitFor();
  await corrected(
    { 'Only for this e-mail (optional)': 'nobody' },
    'This is not an e-mail address.',
    { 'Only for this e-mail (optional)': 'lin@example.org' },
    'Make invitation',
  );
  await says('Send this link. It is shown only now.');
  await ada.page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
  await says('lin@example.org');

  await adminPage('Rooms').click();
  await says('First room');
  const gus = await Attendee.arrive(browser, site, 'Gus');
  await gus.join('first-room');
  await says('1 person inside');
  await adminPage('Overview').click();
  await ada.page.locator('dt:has-text("People in calls") + dd').getByText('1', { exact: true }).waitFor();
  await gus.leave();

  await adminPage('Accounts').click();
  await ada.button('Actions for Grace').click();
  await ada.page.getByRole('menuitem', { name: 'Password reset link…' }).click();
  await press('Make the link');
  const link = await ada.page.getByRole('dialog').getByRole('textbox').inputValue();
  await screenshot(ada.page, 'newcomer-reset-link');
  await ada.page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();

  const grace = await Attendee.arrive(browser, site, 'Grace');
  await grace.page.goto(link);
  await grace.page.getByLabel('New password').fill('short');
  await grace.button('Set the new password').click();
  await grace.page.locator('input[aria-invalid="true"]').waitFor();
  await grace.page.getByLabel('New password').fill('a third horse battery');
  await grace.button('Set the new password').click();
  await grace.page.getByText('Hello, Grace').waitFor();
  await grace.leave();
  await adminPage('Activity').click();
  await ada.page.getByRole('row').getByText('Password reset with a link').first().waitFor();
});

test('all of it was one page', () => {
  assert.equal(documents, 1, 'the page was loaded once');
});

test('the administrator who lost the own password gets in with a command, whether the server runs or not', async () => {
  const link = await site.command('user', 'reset-password', EMAIL);
  const phone = await Attendee.arrive(browser, site, 'Ada');
  await phone.page.goto(link);
  await phone.page.getByLabel('New password').fill('a fourth horse battery');
  await phone.button('Set the new password').click();
  await phone.page.getByText('Hello, Ada Newcomer').waitFor();
  // The session before has ended, and its page notices by itself.
  await ada.page.getByRole('heading', { name: 'Welcome back' }).waitFor();
  await phone.leave();
  await site.child.stop();
  assert.match(await site.command('user', 'reset-password', EMAIL), /\/reset-password#token=\S{20,}$/);
  await assert.rejects(site.command('user', 'reset-password', 'nobody@example.org'), /no account has the e-mail address/);
});
