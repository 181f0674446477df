// The site over TLS: with a certificate of its own making, as a second device on the LAN needs for its camera; and with one
// that is given, whose port carries TURN as well.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { Attendee } from '../harness/attendee.ts';
import { launchBrowser } from '../harness/browser.ts';
import { freeTcpPort } from '../harness/ports.ts';
import { paths, watchRelays } from '../harness/relays.ts';
import { Site } from '../harness/site.ts';

// The certificate is signed by nobody; this file talks to it alone.
process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';

test('two people meet over TLS with a self-signed certificate', async () => {
  const site = await Site.start({ CONVOKE_SERVER__TLS: 'self-signed' });
  const browser = await launchBrowser();
  try {
    const admin = await site.administrator();
    const cookies = await admin.ask('POST', '/api/auth/sign-in', {
      email: 'admin@example.org',
      password: 'correct horse battery',
    });
    assert.match(cookies.cookies.join(), /Secure/);
    const { slug } = await admin.must<{ slug: string }>('POST', '/api/rooms', { name: 'Secure' });
    const [ana, ben] = [
      await Attendee.arrive(browser, site, 'Ana'),
      await Attendee.arrive(browser, site, 'Ben'),
    ];
    await ana.join(slug);
    await ben.join(slug);
    await ana.seesAndHears();
    await ben.seesPictureOf('Ana');
    const { mode } = await stat(path.join(site.dataDir, 'tls/key.pem'));
    assert.equal(mode & 0o077, 0);
  } finally {
    await browser.close();
    await site.stop();
  }
});

/** It tells clients port 443, and takes no peers with private addresses. */
const skip = process.env.LIVEKIT_SERVER_BIN ? "livekit-server's TURN cannot be tested on one machine" : false;

test('people whom nothing but the port of the site lets out meet through it', { skip }, async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'convoke-tls-'));
  const [certificate, key] = [path.join(folder, 'cert.pem'), path.join(folder, 'key.pem')];
  await promisify(execFile)('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
    '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-out', certificate, '-keyout', key,
  ]);
  const port = `${await freeTcpPort()}`;
  const site = await Site.start({
    CONVOKE_SERVER__PORT: port,
    CONVOKE_SERVER__PUBLIC_URL: `https://localhost:${port}`,
    CONVOKE_SERVER__TLS: 'files',
    CONVOKE_SERVER__CERT_FILE: certificate,
    CONVOKE_SERVER__KEY_FILE: key,
  });
  // Relays have no page that could let a certificate pass.
  const browser = await launchBrowser(['--ignore-certificate-errors']);
  try {
    const admin = await site.administrator();
    const { slug } = await admin.must<{ slug: string }>('POST', '/api/rooms', { name: 'One port' });
    const ada = await Attendee.arrive(browser, site, 'Ada Admin', admin);
    const guest = await Attendee.arrive(browser, site, 'Gus Guest');
    for (const person of [ada, guest]) {
      await watchRelays(person.page, 'tls', true);
      await person.join(slug);
    }
    for (const person of [ada, guest]) {
      await person.seesAndHears();
      for (const { type, relayProtocol } of await paths(person.page)) {
        assert.deepEqual([type, relayProtocol], ['relay', 'tls']);
      }
    }
    // The media server restarts: what came by the site's port comes by it again.
    const [media] = await site.mediaPids();
    process.kill(media!, 'SIGKILL');
    await site.ready();
    for (const person of [ada, guest]) await person.seesAndHears();
  } finally {
    await browser.close();
    await site.stop();
    await rm(folder, { recursive: true });
  }
});
