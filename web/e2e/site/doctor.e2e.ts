// The doctor with both ends: in the panel and in the terminal, and from networks that block.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { Attendee } from '../harness/attendee.ts';
import { convokeBinary } from '../harness/binary.ts';
import { type Browser, launchBrowser } from '../harness/browser.ts';
import { Child } from '../harness/child.ts';
import { Network, type Passes } from '../harness/network.ts';
import { freeUdpPort } from '../harness/ports.ts';
import { Site } from '../harness/site.ts';

/** Nobody outside of this machine is asked. */
const quiet = { CONVOKE_DOCTOR__STUN_SERVERS: '', CONVOKE_DOCTOR__TIME_SERVER: '' };
/** It has no TCP, takes no peers with private addresses, and tells clients port 443. */
const official = process.env.LIVEKIT_SERVER_BIN && "livekit-server's TURN cannot be tested on one machine";
/** Each way that fails takes ten seconds. */
const PATIENCE = 120_000;

type Finding = { check: string; state: string; said: string };
type Report = { state: string; said: string; what_to_do: string | null; findings: Finding[] };

const stateOf = (report: Report, check: string) =>
  report.findings.filter((finding) => finding.check === check).map(({ state }) => state);

/** `convoke doctor` in a process of its own, while a browser opens the link that it prints. */
async function doctor(command: string[], env: Record<string, string>, visit: (link: string) => Promise<void>): Promise<{ report: Report; code: number | null }> {
  const [program, ...words] = [...command, 'doctor', '--json', '--wait', '100'];
  const child = spawn(program!, words, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let [said, printed] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const link = new Promise<string>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      const found = /^(https?:\S+\/d\/\S+)$/m.exec(printed)?.[1];
      if (found) resolve(found);
    });
    void ended.then(() => reject(new Error(`no link was printed\n${printed}\n${said}`)));
  });
  try {
    await visit(await link);
    const code = await ended;
    return { report: JSON.parse(said) as Report, code };
  } finally {
    child.kill();
  }
}

async function open(browser: Browser, link: string): Promise<string> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'en-GB' });
  const page = await context.newPage();
  try {
    await page.goto(link);
    const again = page.getByRole('button', { name: 'Run again' });
    await again.waitFor({ timeout: PATIENCE });
    return await page.getByRole('main').innerText();
  } finally {
    await context.close();
  }
}

test('one verdict of both halves stands in the panel and in the terminal, and a running call goes on', { skip: official ?? false }, async () => {
  const turn = await freeUdpPort();
  const site = await Site.start({ ...quiet, CONVOKE_LIVEKIT__TURN__UDP_PORT: `${turn}` });
  const browser = await launchBrowser();
  try {
    const admin = await site.administrator();
    const { slug } = await admin.must<{ slug: string }>('POST', '/api/rooms', { name: 'Goes on' });
    const ada = await Attendee.arrive(browser, site, 'Ada Admin', admin);
    const gus = await Attendee.arrive(browser, site, 'Gus Guest');
    await ada.join(slug);
    await gus.join(slug);
    await ada.seesAndHears();

    const panel = await ada.page.context().newPage();
    await panel.goto(`${site.url}/admin/doctor`);
    await panel.getByRole('button', { name: 'New check' }).click();
    const field = panel.getByLabel('Link for another network');
    await field.waitFor({ timeout: 60_000 });
    await panel.getByRole('img', { name: 'The link as a QR code' }).waitFor();
    const link = await field.inputValue();

    // In the browser of somebody who is in a call at this moment.
    const page = await gus.page.context().newPage();
    await page.goto(link);
    // Chromium has no TCP on a loopback.
    for (const way of ['page', 'web_socket', 'signal', 'udp', 'turn_udp', 'turn_tcp'])
      await page.locator(`[data-way=${way}][data-look=good]`).waitFor({ timeout: PATIENCE });
    await page.locator('[data-way=turn_tls][data-look=skipped]').waitFor({ timeout: PATIENCE });
    const live = await admin.must<{ items: unknown[] }>('GET', '/api/livekit/rooms');
    assert.equal(live.items.length, 1);
    await page.getByRole('button', { name: 'Run again' }).waitFor({ timeout: PATIENCE });
    await page.close();

    // The server's address is this machine's alone, and the panel says so; the rest is well.
    for (const check of ['web_socket', 'udp', 'turn_udp', 'turn_tcp', 'webhooks'])
      await panel.locator(`[data-finding=${check}][data-state=ok]`).first().waitFor({ timeout: 20_000 });
    // How much gets through is this machine's matter.
    await panel.locator('[data-finding=quality]').waitFor();
    const download = panel.waitForEvent('download');
    await panel.getByRole('link', { name: 'Download the report' }).click();
    const text = await readFile(await (await download).path(), 'utf8');
    assert.match(text, /Media gets through over UDP/);
    assert.match(text, /kbit\/s up/);

    await ada.seesAndHears();
    const overview = await admin.must<{ live_participants: number }>('GET', '/api/admin/overview');
    assert.equal(overview.live_participants, 2);

    const env = await site.beside({
      CONVOKE_SERVER__PORT: new URL(site.url).port,
      CONVOKE_LIVEKIT__PORTS__UDP: '0',
      CONVOKE_LIVEKIT__PORTS__TCP: '0',
      CONVOKE_LIVEKIT__TURN__UDP_PORT: '0',
    });
    let seen = '';
    const { report } = await doctor([convokeBinary()], env, async (link) => {
      seen = await open(browser, link);
    });
    assert.deepEqual(stateOf(report, 'udp'), ['ok']);
    assert.match(seen, /Media over UDP\s+Gets through/);
    await ada.seesAndHears();
  } finally {
    await browser.close();
    await site.stop();
  }
});

describe('from networks that block', { skip: official ?? (await Network.impossible()) ?? false }, () => {
  let network: Network;
  let browser: Browser;
  let site: Child;
  let env: Record<string, string>;

  before(async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'convoke-doctor-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    const [certificate, key] = ['cert.pem', 'key.pem'].map((name) => path.join(folder, name)) as [string, string];
    await promisify(execFile)('openssl', [
      'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '60',
      '-subj', '/CN=doctor', '-addext', `subjectAltName=IP:${Network.server}`, '-out', certificate, '-keyout', key,
    ]);
    network = await Network.lay();
    const chromium = await network.onClient(process.env.CHROMIUM_BIN ?? '/usr/bin/chromium');
    browser = await launchBrowser(['--ignore-certificate-errors'], chromium);
    env = {
      ...quiet,
      CONVOKE_SERVER__HOST: '0.0.0.0',
      CONVOKE_SERVER__PORT: '443',
      CONVOKE_SERVER__PUBLIC_URL: `https://${Network.server}`,
      CONVOKE_SERVER__TLS: 'files',
      CONVOKE_SERVER__CERT_FILE: certificate,
      CONVOKE_SERVER__KEY_FILE: key,
      CONVOKE_SERVER__DATA_DIR: path.join(folder, 'data'),
      CONVOKE_LIVEKIT__ENGINE: 'built-in',
      CONVOKE_LIVEKIT__TURN__DOMAIN: Network.server,
      CONVOKE_LIVEKIT__INGRESS__RTMP_PORT: '0',
    };
    site = new Child('convoke serve', 'ip', ['netns', 'exec', network.inServer, convokeBinary(), 'serve'], env);
    await site.until('start', async () => site.lines.some((line) => line.includes('Convoke is at')));
  });
  after(async () => {
    await browser?.close();
    await site?.stop();
    await network?.remove();
  });

  /** What the terminal on the server says of a browser on that network. */
  const judged = async (passes: Passes): Promise<Report> => {
    await network.let(passes);
    const inside = ['ip', 'netns', 'exec', network.inServer, convokeBinary()];
    const { report, code } = await doctor(inside, env, async (link) => void (await open(browser, link)));
    // Nobody signed the certificate: that is a fault whatever the network lets through.
    assert.equal(code, 2);
    return report;
  };

  test('nothing: each way gets through', async () => {
    const report = await judged('everything');
    for (const check of ['udp', 'tcp', 'turn_udp', 'turn_tcp', 'turn_tls']) assert.deepEqual(stateOf(report, check), ['ok'], check);
  });

  test('UDP: the ports that do not get through are named, and the others work', async () => {
    const report = await judged('no UDP');
    for (const check of ['udp', 'turn_udp']) assert.deepEqual(stateOf(report, check), ['warn'], check);
    for (const check of ['tcp', 'turn_tcp', 'turn_tls']) assert.deepEqual(stateOf(report, check), ['ok'], check);
    const udp = report.findings.find(({ check }) => check === 'udp');
    assert.match(udp!.said, new RegExp(`UDP port 7882 .*${Network.server.replaceAll('.', '\\.')}:7882.*livekit\\.ports\\.udp`));
  });

  test('everything but TCP port 443: only TURN over TLS is left', async () => {
    const report = await judged('TCP 443 alone');
    assert.deepEqual(stateOf(report, 'turn_tls'), ['ok']);
    for (const check of ['udp', 'tcp', 'turn_udp', 'turn_tcp']) assert.deepEqual(stateOf(report, check), ['warn'], check);
  });
});
