// The site over TLS with its own certificate: what a second device on the LAN needs for its camera.
import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { Attendee } from '../harness/attendee.ts';
import { launchBrowser } from '../harness/browser.ts';
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
