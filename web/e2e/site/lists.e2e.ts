// The administration's lists with thousands of rows: found, ordered, paged, kept by the address, taken along as files;
// accounts made one by one and invited by the dozen.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { Attendee } from '../harness/attendee.ts';
import { accessible } from '../harness/axe.ts';
import { type Browser, launchBrowser, screenshot } from '../harness/browser.ts';
import { Site, type Visitor } from '../harness/site.ts';

const MANY = 3_000;
const PASSWORD = 'correct horse battery';

let browser: Browser;
let site: Site;
let admin: Visitor;
let support: Visitor;
let auditor: Visitor;

before(async () => {
  browser = await launchBrowser();
  site = await Site.start();
  admin = await site.administrator();
  const made = async (role: string) => {
    const user = await site.user(role);
    const { id } = await user.must<{ id: string }>('GET', '/api/auth/me');
    await admin.must('PATCH', `/api/users/${id}`, { role });
    return user;
  };
  support = await made('support');
  auditor = await made('auditor');
  await site.child.stop();
  seed(path.join(site.dataDir, 'convoke.db'));
  await site.restart();
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

/** Accounts, each with a room, a call and a recording of it. */
function seed(file: string): void {
  const db = new DatabaseSync(file);
  const since = Date.UTC(2025, 0, 1);
  const id = (kind: number, number: number) =>
    `01940000-${kind.toString(16).padStart(4, '0')}-7000-8000-${number.toString(16).padStart(12, '0')}`;
  const user = db.prepare(
    `INSERT INTO users (id, email, email_key, search, name, role, disabled, created_at, last_seen_at, updated_at)
     VALUES (?, ?, ?, ?, ?, 'user', ?, ?, ?, ?)`,
  );
  const room = db.prepare(
    `INSERT INTO rooms (id, slug, name, search_key, owner_id, access, guests_allowed, max_participants, audio, video,
                        screen_share, chat, created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, ?, TRUE, 0, TRUE, TRUE, TRUE, TRUE, ?, ?)`,
  );
  const meeting = db.prepare(
    'INSERT INTO meetings (id, room_id, sid, started_at, ended_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const attendance = db.prepare(
    `INSERT INTO attendances (id, meeting_id, room_id, sid, identity, subject, name, user_id, joined_at, left_at,
                              seen_at, updated_at, generation, seated)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, TRUE)`,
  );
  const recording = db.prepare(
    `INSERT INTO recordings (id, room_id, meeting_id, title, search_key, layout, audio_only, started_by_name, state,
                             seen_at, requested_at, started_at, ended_at, duration_ms, size, updated_at)
     VALUES (?, ?, ?, ?, ?, 'grid', FALSE, 'Seed', ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  db.exec('BEGIN');
  for (let i = 0; i < MANY; i += 1) {
    const number = `${i}`.padStart(4, '0');
    const at = since + i * 60_000;
    const email = `person${number}@example.org`;
    const disabled = i % 100 === 7 ? 1 : 0;
    user.run(id(1, i), email, email, `person ${number} ${email}`, `Person ${number}`, disabled, at, at + 1_000, at);
    const access = i % 10 === 3 ? 'private' : 'public';
    const slug = `seeded-${number}`;
    room.run(id(2, i), slug, `Room ${number}`, `room ${number} ${slug}`, id(1, i), access, at, at);
    meeting.run(id(3, i), id(2, i), `RM_seed${i}`, at, at + 1_800_000, at);
    const [person, subject] = [id(1, i), `u-${id(1, i)}`];
    attendance.run(
      id(4, i), id(3, i), id(2, i), `PA_seed${i}`, `${subject}-device`, subject, `Person ${number}`, person, at,
      at + 1_700_000, at + 1_700_000, at,
    );
    if (i % 10 === 0) {
      const state = i % 100 === 0 ? 'failed' : 'completed';
      recording.run(
        id(5, i), id(2, i), id(3, i), `Film ${number}`, `film ${number}`, state, at, at, at, at, 60_000 + i, i, at,
      );
    }
  }
  db.exec('COMMIT');
  db.close();
}

const rows = ({ page }: Attendee) => page.getByRole('rowheader');
const first = (who: Attendee, text: string) => rows(who).first().filter({ hasText: text }).waitFor();
const choose = async ({ page }: Attendee, label: string, option: string) => {
  await page.getByRole('button', { name: new RegExp(`${label}$`) }).last().click();
  await page.getByRole('option', { name: option, exact: true }).click();
};

test('three thousand accounts: searched, filtered, ordered, paged; back, reload and the link keep it', async () => {
  const ada = await Attendee.arrive(browser, site, 'Ada', admin);
  const { page } = ada;
  try {
    await ada.open('/admin/users');
    await first(ada, 'auditor');
    assert.equal(await rows(ada).count(), 50);
    await accessible(page);
    await screenshot(page, 'lists-users');
    await page.getByRole('columnheader', { name: 'Name' }).click();
    await first(ada, 'Ada Admin');
    assert.equal(await page.getByRole('columnheader', { name: 'Name' }).getAttribute('aria-sort'), 'ascending');
    await page.getByRole('columnheader', { name: 'Name' }).click();
    await first(ada, 'support');
    await choose(ada, 'Rights', 'User');
    await first(ada, 'Person 2999');
    await ada.button('Next').click();
    await first(ada, 'Person 2949');
    await page.getByText('Page 2', { exact: true }).waitFor();
    const address = page.url();
    await page.reload();
    await first(ada, 'Person 2949');
    await page.getByText('Page 2', { exact: true }).waitFor();
    await ada.button('Next').click();
    await first(ada, 'Person 2899');
    await page.goBack();
    await first(ada, 'Person 2949');
    await page.goForward();
    await first(ada, 'Person 2899');
    await ada.button('Previous').click();
    await first(ada, 'Person 2949');
    // Somebody else with the link sees the same page.
    const other = await Attendee.arrive(browser, site, 'Auditor', auditor);
    await other.page.goto(address);
    await first(other, 'Person 2949');
    await other.button('First page').click();
    await first(other, 'Person 2999');
    await other.leave();
    await ada.button('Clear filters').click();
    await page.getByRole('searchbox', { name: 'Search by name or e-mail' }).fill('person 12');
    await first(ada, 'Person 1299');
    await choose(ada, 'State', 'Disabled');
    await first(ada, 'Person 1207');
    assert.equal(await rows(ada).count(), 1);
    await ada.button('Remove the filter State: Disabled').click();
    await first(ada, 'Person 1299');
  } finally {
    await ada.leave();
  }
});

test('a file has the whole list as it is narrowed, and the record says who took it', async () => {
  const ada = await Attendee.arrive(browser, site, 'Ada', admin);
  const { page } = ada;
  const load = async (as: string) => {
    await ada.button('Export').click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: as }).click(),
    ]);
    return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') };
  };
  try {
    await ada.open('/admin/users?role=user&sort=name&direction=asc');
    await first(ada, 'Person 0000');
    const csv = await load('All of it as CSV');
    assert.match(csv.name, /^users-\d{4}-\d\d-\d\d\.csv$/);
    const lines = csv.text.split('\r\n');
    assert.equal(lines.length, MANY + 2);
    assert.equal(lines[0], '\uFEFFid,name,email,role,disabled,created_at,last_seen_at');
    assert.match(lines[1]!, /,Person 0000,person0000@example.org,user,false,2025-01-01T00:00:00Z,2025-01-01T00:00:01Z$/);
    const json = JSON.parse((await load('All of it as JSON')).text) as { name: string }[];
    assert.equal(json.length, MANY);
    assert.equal(json.at(-1)?.name, 'Person 2999');
    for (const [list, count] of [['rooms', MANY], ['meetings', MANY], ['recordings', MANY / 10]] as const) {
      const all = await admin.must<unknown[]>('GET', `/api/admin/${list}/export?format=json`);
      assert.equal(all.length, count, list);
    }
    await ada.open('/admin/audit');
    await page.getByRole('row').getByText('List exported').first().waitFor();
    await screenshot(page, 'lists-activity');
    await accessible(page);
  } finally {
    await ada.leave();
  }
});

test('rooms by name and by their last call, meetings by time with people and films, recordings by size', async () => {
  const ada = await Attendee.arrive(browser, site, 'Ada', admin);
  const { page } = ada;
  try {
    await ada.open('/admin/rooms');
    await first(ada, 'Room 2999');
    await page.getByRole('columnheader', { name: 'Room' }).click();
    await first(ada, 'Room 0000');
    await page.getByRole('columnheader', { name: 'Last call' }).click();
    await first(ada, 'Room 2999');
    await choose(ada, 'Access', 'Private');
    await first(ada, 'Room 2993');
    await accessible(page);
    await screenshot(page, 'lists-rooms');

    await ada.open('/admin/meetings');
    await page.getByRole('row').filter({ hasText: 'Room 2999' }).waitFor();
    await page.getByLabel('Room', { exact: true }).fill('seeded-0010');
    await page.getByRole('row').filter({ hasText: 'Room 0010' }).waitFor();
    assert.equal(await rows(ada).count(), 1);
    await accessible(page);
    await screenshot(page, 'lists-meetings');
    await rows(ada).getByRole('link').click();
    await page.getByRole('heading', { name: 'Room 0010', level: 1 }).waitFor();
    await page.getByRole('link', { name: 'Film 0010' }).waitFor();
    await accessible(page);
    await screenshot(page, 'lists-meeting');
    await ada.button('Quality of Person 0010').or(page.getByRole('button', { name: /Person 0010/ })).first().click();
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Person 0010' }).click();
    await page.getByRole('heading', { name: 'Person 0010', level: 1 }).waitFor();
    await page.getByRole('link', { name: 'Room 0010' }).waitFor();
    await page.getByRole('link', { name: 'Film 0010' }).waitFor();
    await page.getByText('Not signed in anywhere.').waitFor();
    await accessible(page);
    await screenshot(page, 'lists-person');

    await ada.open('/admin/recordings');
    await first(ada, 'Film 2990');
    await page.getByRole('columnheader', { name: 'Size' }).click();
    await first(ada, 'Film 2990');
    await page.getByRole('columnheader', { name: 'Size' }).click();
    await first(ada, 'Film 0000');
    await choose(ada, 'State', 'Failed');
    await first(ada, 'Film 0000');
    await page.getByRole('rowheader', { name: /Film 2900/ }).waitFor();
    assert.equal(await rows(ada).count(), 30);
    await accessible(page);
    await screenshot(page, 'lists-recordings');
  } finally {
    await ada.leave();
  }
});

test('an account that an administrator made signs in, is signed out from afar, and everything is on record', async () => {
  const ada = await Attendee.arrive(browser, site, 'Ada', admin);
  const { page } = ada;
  const ines = await Attendee.arrive(browser, site, 'Ines');
  try {
    await ada.open('/admin/users');
    await ada.button('Create account').click();
    const form = page.getByRole('dialog');
    await form.getByLabel('Name').fill('Ines');
    await form.getByLabel('E-mail').fill('ines@example.org');
    await accessible(page);
    await screenshot(page, 'lists-new-account');
    await form.getByRole('button', { name: 'Create account' }).click();
    await form.getByText('Send them this link').waitFor();
    const link = await form.getByRole('textbox').inputValue();
    await form.getByRole('button', { name: 'Close' }).last().click();
    await first(ada, 'Ines');

    await ines.page.goto(link);
    await ines.page.getByLabel('New password').fill(PASSWORD);
    await ines.button('Set the new password').click();
    await ines.page.getByText('Hello, Ines').waitFor();

    await page.getByRole('link', { name: 'Ines', exact: true }).click();
    await page.getByRole('heading', { name: 'Ines', level: 1 }).waitFor();
    await ada.button('Sign out everywhere').click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Sign out everywhere' }).click();
    await page.getByText('Not signed in anywhere.').waitFor();
    await ines.open('/account');
    await ines.page.getByRole('button', { name: 'Sign in' }).waitFor();
    await ada.button('Raw data (JSON)').click();
    await page.getByRole('dialog').getByText('"email": "ines@example.org"').waitFor();
    await page.keyboard.press('Escape');
    await ada.button('Actions').click();
    await page.getByRole('menuitem', { name: 'Make auditor' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Make auditor' }).click();
    await page.locator('dt:has-text("Rights") + dd').getByText('Auditor').waitFor();
    await ada.open('/admin/audit');
    for (const done of ['Account created', 'Signed out by an administrator', 'Password reset with a link']) {
      await page.getByRole('row').getByText(done).first().waitFor();
    }
  } finally {
    await Promise.all([ada, ines].map((each) => each.leave()));
  }
});

test('many are invited at once; a bad line is said and spoils none, and whoever has a link becomes what it says', async () => {
  const ada = await Attendee.arrive(browser, site, 'Ada', admin);
  const { page } = ada;
  const vera = await Attendee.arrive(browser, site, 'Vera');
  try {
    await ada.open('/admin/invites');
    await ada.button('Invite many').click();
    await page
      .getByLabel('One person on each line')
      .fill('Vera Rubin <vera@example.org>; auditor\nnobody at all\nperson0001@example.org\nmaria@example.org, Maria');
    await page.getByRole('button', { name: 'Invite 4 people' }).click();
    const results = page.getByRole('list', { name: 'What became of each line' });
    await results.getByText('no e-mail address').waitFor();
    await results.getByText('has an account already').waitFor();
    assert.equal(await results.getByText('Invited', { exact: true }).count(), 2);
    await accessible(page);
    await screenshot(page, 'lists-invited');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      ada.button('Download the links (CSV)').click(),
    ]);
    const lines = (await readFile(await download.path(), 'utf8')).split('\r\n');
    assert.equal(lines.length, 6);
    assert.equal(lines[2], 'nobody at all,,user,,no e-mail address');
    const link = /http[^,]+/.exec(lines[1]!)?.[0];
    assert.match(lines[1]!, /^vera@example.org,Vera Rubin,auditor,http/);
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
    await page.getByRole('rowheader', { name: /Maria/ }).waitFor();

    await vera.page.goto(link!);
    await vera.page.getByLabel('Your name').fill('Vera');
    await vera.page.getByLabel('E-mail').fill('vera@example.org');
    await vera.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await vera.button('Create an account').click();
    await vera.page.getByText('Hello, Vera').waitFor();
    await vera.open('/admin/users?query=vera');
    await first(vera, 'Vera');
  } finally {
    await Promise.all([ada, vera].map((each) => each.leave()));
  }
});

test('support sees rooms and meetings and no accounts; an auditor sees and takes along all, and changes nothing', async () => {
  const helper = await Attendee.arrive(browser, site, 'Support', support, { phone: true, dark: true });
  const watcher = await Attendee.arrive(browser, site, 'Auditor', auditor, { phone: true });
  try {
    await helper.open('/admin/meetings?room=seeded-0010');
    await helper.page.getByText('Room 0010').first().waitFor();
    await accessible(helper.page);
    await screenshot(helper.page, 'lists-meetings-phone-dark');
    await rows(helper).getByRole('link').click();
    await helper.page.getByText('Person 0010').waitFor();
    assert.equal(await helper.page.getByRole('link', { name: 'Person 0010' }).count(), 0);
    assert.equal(await helper.page.getByText('Film 0010').count(), 0);
    const person = '/admin/users/01940000-0001-7000-8000-000000000001';
    await helper.open(person);
    await helper.page.getByText('This page is not for your role').waitFor();
    assert.equal((await support.ask('GET', '/api/admin/users/export?format=csv')).status, 403);
    assert.equal((await support.ask('GET', '/api/admin/meetings/export?format=json')).status, 200);

    await watcher.open('/admin/users?sort=seen&direction=desc&role=user');
    await watcher.page.getByText('person2999@example.org').waitFor();
    const overflow = await watcher.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(overflow <= 0, `${overflow} px wider than the screen`);
    await accessible(watcher.page);
    await rows(watcher).nth(2).scrollIntoViewIfNeeded();
    await screenshot(watcher.page, 'lists-users-phone');
    // On a narrow screen the order is chosen from a list.
    await choose(watcher, 'Sort by', 'Name, rising');
    await first(watcher, 'Person 0000');
    await watcher.open(person);
    await watcher.page.getByText('person0001@example.org').waitFor();
    assert.equal(await watcher.page.getByRole('button', { name: 'Actions' }).count(), 0);
    assert.equal(await watcher.page.getByRole('button', { name: /Sign out/ }).count(), 0);
    await screenshot(watcher.page, 'lists-person-phone');
    assert.equal((await auditor.ask('GET', '/api/admin/users/export?format=json')).status, 200);
    assert.equal((await auditor.ask('POST', '/api/users', { email: 'x@example.org', name: 'X' })).status, 403);
    assert.equal((await auditor.ask('POST', '/api/invites/bulk', { lines: [{ email: 'x@example.org' }] })).status, 403);
  } finally {
    await Promise.all([helper, watcher].map((each) => each.leave()));
  }
});
