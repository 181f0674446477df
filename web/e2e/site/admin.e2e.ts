// The administration watches and runs live rooms without joining them: those of the site, and those of programs.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { RoomServiceClient } from 'livekit-server-sdk';
import { Attendee } from '../harness/attendee.ts';
import { accessible } from '../harness/axe.ts';
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

const menu = async (ada: Attendee, who: string, action: string) => {
  await ada.page.getByRole('button', { name: `Actions for ${who}` }).click();
  await ada.page.getByRole('menuitem', { name: action }).click();
};
const confirm = (ada: Attendee, action: string) =>
  ada.page.getByRole('alertdialog').getByRole('button', { name: action }).click();

test('an administrator watches a call, mutes, sends out, bans and ends it from outside', async () => {
  const { slug } = await admin.must<{ slug: string }>('POST', '/api/rooms', { name: 'Standup' });
  const [ben, cleo, ada] = await Promise.all([
    Attendee.arrive(browser, site, 'Ben'),
    Attendee.arrive(browser, site, 'Cleo'),
    Attendee.arrive(browser, site, 'Ada', admin),
  ]);
  try {
    await ben.join(slug);
    await ada.open('/admin/live');
    await ada.page.getByText('1 person').waitFor();
    await cleo.join(slug);
    await ben.seesPictureOf('Cleo');
    // The list moves by itself.
    await ada.page.getByText('2 people').waitFor();
    await accessible(ada.page);
    await screenshot(ada.page, 'admin-live');
    await ada.page.getByRole('link', { name: 'Open Standup' }).click();
    await ada.page.getByRole('heading', { name: 'Standup', level: 1 }).waitFor();
    const tracks = ada.page.getByRole('list', { name: 'Tracks of Ben' });
    await tracks.getByText(/camera/).first().waitFor();
    await tracks.getByText(/\d+p \d/).first().waitFor();
    assert.equal(await ada.page.getByText('Not on record').count(), 0);
    // What else belongs to the room: nothing recorded, no agent until one is sent, and the way to a token.
    await ada.page.getByText('Nothing has been recorded yet').waitFor();
    await ada.page.getByRole('button', { name: 'Send an agent…' }).click();
    await ada.page.getByRole('dialog').getByRole('textbox', { name: 'Agent name' }).fill('helper');
    await ada.page.getByRole('dialog').getByRole('button', { name: 'Send' }).click();
    await ada.page.getByRole('button', { name: 'Take back the dispatch of helper' }).waitFor();
    const token = await ada.page.getByRole('link', { name: 'Make a token for it' }).getAttribute('href');
    const [live] = (await admin.must<{ items: { name: string }[] }>('GET', '/api/livekit/rooms')).items;
    assert.equal(token, `/admin/tokens?room=${live?.name}`);
    await accessible(ada.page);
    await screenshot(ada.page, 'admin-live-room');

    await ada.page.getByRole('button', { name: 'Mute microphone of Ben' }).click();
    await tracks.getByText('Muted').waitFor();
    await ben.page.getByRole('button', { name: /Turn microphone on/ }).waitFor();

    await menu(ada, 'Ben', 'Remove from call');
    await confirm(ada, 'Remove from call');
    await ben.page.getByText('You were removed from the call').waitFor();
    await tracks.waitFor({ state: 'detached' });
    await ben.join(slug);
    await tracks.waitFor();
    await menu(ada, 'Ben', 'Ban from room');
    await ada.page.getByLabel('Reason (optional)').fill('noise');
    await confirm(ada, 'Ban from room');
    await ben.page.getByText('You were banned from this room').waitFor();

    await ada.page.getByRole('button', { name: 'End room' }).click();
    await confirm(ada, 'End room');
    await cleo.page.getByText('The call has ended').waitFor();
    await ada.page.getByText('This room is not live any more.').waitFor();
    const { items } = await admin.must<{ items: { action: string }[] }>('GET', '/api/admin/audit?limit=4');
    assert.deepEqual(
      items.map(({ action }) => action),
      ['room.ended', 'participant.banned', 'participant.kicked', 'participant.muted'],
    );
  } finally {
    await Promise.all([ben, cleo, ada].map((each) => each.leave()));
  }
});

test('a room that a program made is listed beside, and ended', async () => {
  const key = await admin.must<{ key: string; secret: string }>('POST', '/api/api-keys', {
    name: 'Programs',
    grants: ['room_create', 'room_list', 'room_admin'],
  });
  const rooms = new RoomServiceClient(site.url, key.key, key.secret);
  await rooms.createRoom({ name: 'lab/1', metadata: 'first', emptyTimeout: 600 });
  const ada = await Attendee.arrive(browser, site, 'Ada', admin, { phone: true, dark: true });
  try {
    await ada.open('/admin/live');
    await ada.page.getByText("A program's").waitFor();
    await screenshot(ada.page, 'admin-live-phone');
    await ada.page.getByRole('link', { name: 'Open lab/1' }).click();
    await ada.page.getByText('first', { exact: true }).waitFor();
    await ada.page.getByRole('button', { name: 'Edit metadata…' }).click();
    await ada.page.getByRole('textbox', { name: 'Metadata' }).fill('second');
    await ada.page.getByRole('button', { name: 'Save' }).click();
    await ada.page.getByText('second', { exact: true }).waitFor();
    assert.equal((await rooms.listRooms(['lab/1']))[0]?.metadata, 'second');
    await accessible(ada.page);
    await screenshot(ada.page, 'admin-live-room-phone');
    await ada.page.getByRole('button', { name: 'End room' }).click();
    await confirm(ada, 'End room');
    await ada.page.getByText('This room is not live any more.').waitFor();
    assert.deepEqual(await rooms.listRooms(['lab/1']), []);
    await ada.page.getByRole('link', { name: 'All live rooms' }).click();
    await ada.page.getByText('No room is live.').waitFor();
  } finally {
    await ada.leave();
  }
});

test('support moderates and an auditor looks: the page hides what the server refuses', async () => {
  const { slug } = await admin.must<{ slug: string }>('POST', '/api/rooms', { name: 'Private talk', access: 'private' });
  const people: Record<string, Visitor> = {};
  for (const role of ['support', 'auditor']) {
    const user = await site.user(role);
    const { id } = await user.must<{ id: string }>('GET', '/api/auth/me');
    await admin.must('PATCH', `/api/users/${id}`, { role });
    people[role] = user;
  }
  const owner = await Attendee.arrive(browser, site, 'Owner', admin);
  const support = await Attendee.arrive(browser, site, 'Support', people.support);
  const auditor = await Attendee.arrive(browser, site, 'Auditor', people.auditor);
  try {
    await owner.join(slug);
    for (const [who, pages] of [
      [support, ['Overview', 'Live', 'Rooms', 'Meetings']],
      [
        auditor,
        [
          'Overview', 'Live', 'Rooms', 'Meetings', 'Recordings', 'Accounts', 'Invitations', 'Streaming', 'Agents', 'Telephony',
          'API keys', 'Tokens', 'API reference', 'Health', 'Doctor', 'Activity', 'Log', 'Jobs', 'Configuration', 'Settings',
        ],
      ],
    ] as const) {
      await who.open('/admin');
      const rail = who.page.getByRole('navigation', { name: 'Administration' });
      await rail.getByRole('link', { name: 'Overview' }).waitFor();
      assert.deepEqual(await rail.getByRole('link').allTextContents(), pages);
      // From anywhere in the administration, by keyboard alone.
      await who.page.keyboard.press('Control+k');
      await who.page.getByRole('searchbox').fill('private');
      await who.page.getByRole('option', { name: /Private talk/ }).first().waitFor();
      await accessible(who.page);
      await who.page.keyboard.press('Enter');
      await who.page.waitForURL(/\/admin\/live\//);
      await who.open('/admin/live');
      await who.page.getByRole('link', { name: 'Open Private talk' }).click();
      await who.page.getByRole('list', { name: /^Tracks of/ }).waitFor();
      await accessible(who.page);
    }
    assert.equal(await auditor.page.getByRole('button', { name: 'End room' }).count(), 0);
    assert.equal(await auditor.page.getByRole('button', { name: /^Mute/ }).count(), 0);
    await screenshot(auditor.page, 'admin-live-auditor');
    await auditor.open('/admin/users');
    await auditor.page.getByText('support@example.org').waitFor();
    await auditor.button('Actions for support').click();
    const offered = await auditor.page.getByRole('menuitem').allTextContents();
    assert.deepEqual(offered, ['Copy id', 'Raw data (JSON)']);
    await auditor.page.keyboard.press('Escape');
    await auditor.open(`/${slug}/settings/members`);
    await auditor.page.getByText('Nobody is invited yet.').waitFor();
    await support.open('/admin/users');
    await support.page.getByText('This page is not for your role').waitFor();
    await support.open(`/${slug}/settings`);
    await support.page.getByRole('tab', { name: 'Activity' }).waitFor();
    assert.equal(await support.page.getByRole('tab', { name: 'Recordings' }).count(), 0);
    for (const [who, refused] of [
      [people.support!, '/api/users'],
      [people.support!, '/api/admin/recordings'],
    ] as const) {
      assert.equal((await who.ask('GET', refused)).status, 403);
    }
    assert.equal((await people.auditor!.ask('POST', `/api/rooms/${slug}/end`)).status, 403);
    assert.equal((await people.support!.ask('POST', `/api/rooms/${slug}/end`)).status, 204);
    await owner.page.getByText('The call has ended').waitFor();
  } finally {
    await Promise.all([owner, support, auditor].map((each) => each.leave()));
  }
});
