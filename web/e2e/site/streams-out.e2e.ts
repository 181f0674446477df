// Streams out: an administrator has a room's call streamed to an address and filmed, changes and stops it, and an auditor watches.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Attendee } from '../harness/attendee.ts';
import { accessible } from '../harness/axe.ts';
import { type Browser, launchBrowser, screenshot } from '../harness/browser.ts';
import { freeTcpPort } from '../harness/ports.ts';
import { judge, Receiver } from '../harness/receiver.ts';
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

type Egress = { id: string; status: string; streams: { status: string }[] };

test('a call is streamed to an address that is typed on the page, by somebody who errs first', async () => {
  const receiver = await Receiver.rtmp('the-key');
  const refused = `rtmp://127.0.0.1:${await freeTcpPort()}/live/the-refused-key`;
  const { slug } = await admin.must<{ slug: string }>('POST', '/api/rooms', { name: 'Auditorium' });
  const [ada, ana] = [await Attendee.arrive(browser, site, 'Ada', admin), await Attendee.arrive(browser, site, 'Ana', admin)];
  try {
    await ana.join(slug);
    await ada.open('/admin/streaming');
    await ada.page.getByText('Nothing is sent out.').waitFor();
    await ada.page.getByRole('button', { name: 'New stream out' }).click();
    const dialog = ada.page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Start' }).click();
    await dialog.getByLabel('Room', { exact: true }).and(dialog.locator('[aria-invalid=true]')).fill(slug);
    await dialog.getByRole('button', { name: 'Start' }).click();
    await dialog.getByText(/Say where to/).waitFor();
    await dialog.getByLabel('Stream to').fill('http://127.0.0.1/live');
    await dialog.getByRole('button', { name: 'Start' }).click();
    await dialog.getByLabel('Stream to').and(dialog.locator('[aria-invalid=true]')).fill(receiver.url);
    await accessible(ada.page);
    await screenshot(ada.page, 'stream-out-new');
    await dialog.getByRole('button', { name: 'Start' }).click();
    await dialog.waitFor({ state: 'detached' });

    const item = ada.page.getByRole('listitem').filter({ hasText: 'Whole room' });
    await item.getByText('Going on').waitFor();
    await item.getByText(/streaming/).waitFor();
    assert.equal(await ada.page.getByText('the-key').count(), 0, 'a key is shown');

    await item.getByRole('button', { name: /^More for/ }).click();
    await ada.page.getByRole('menuitem', { name: 'Change' }).click();
    await dialog.getByLabel('Stream to another address').fill(refused);
    await dialog.getByRole('button', { name: 'Layout' }).click();
    await ada.page.getByRole('option', { name: 'Speaker', exact: true }).click();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    await item.getByText(/failed/).waitFor();
    await new Promise((wake) => setTimeout(wake, 3_000));
    await accessible(ada.page);
    await screenshot(ada.page, 'stream-out');

    await item.getByRole('button', { name: /^More for/ }).click();
    await ada.page.getByRole('menuitem', { name: 'Stop' }).click();
    await ada.page.getByRole('alertdialog').getByRole('button', { name: 'Stop' }).click();
    const { black, loudest } = await judge(await receiver.ended());
    assert.ok(black < 2 && loudest > -50, `${black} s black, ${loudest} dB`);
    await item.getByText('Complete').waitFor();

    await ada.open('/admin/audit');
    const record = ada.page.getByRole('row');
    for (const done of ['Stream out asked for', 'Stream out changed', 'Stream out stopped']) {
      await record.filter({ hasText: done }).first().waitFor();
    }
  } finally {
    await Promise.all([ada.leave(), ana.leave()]);
    await receiver.stop();
  }
});

test('a film of a room is one of its recordings, and stopping it stops the recording', async () => {
  const { slug } = await admin.must<{ slug: string }>('POST', '/api/rooms', { name: 'Studio' });
  const ana = await Attendee.arrive(browser, site, 'Ana', admin);
  try {
    await ana.join(slug);
    const film = { target: { kind: 'room', room: slug }, outputs: { file: 'films/{room_name}' } };
    const { id } = await admin.must<Egress>('POST', '/api/egress', film);
    await ana.page.getByTestId('recording-sign').waitFor();
    const recording = async () => (await admin.must<{ items: { state: string }[] }>('GET', `/api/rooms/${slug}/recordings`)).items[0]?.state;
    await ana.until('it records', async () => (await recording()) === 'recording');
    await new Promise((wake) => setTimeout(wake, 2_000));
    await admin.must('POST', `/api/egress/${id}/stop`, {});
    await ana.until('the film is kept', async () => (await recording()) === 'completed', 60_000);
  } finally {
    await ana.leave();
  }
});
