// People and a site on networks of other kinds: IPv6 alone, both families, and routers that translate addresses (NAT).
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Attendee } from '../harness/attendee.ts';
import { type Browser, launchBrowser } from '../harness/browser.ts';
import { anyCertificate, unsigned } from '../harness/certificate.ts';
import { Child } from '../harness/child.ts';
import { Nat } from '../harness/nat.ts';
import { Network } from '../harness/network.ts';
import { reached } from '../harness/relays.ts';
import { Site } from '../harness/site.ts';

const official = process.env.LIVEKIT_SERVER_BIN && 'the media server that Convoke brings is what is looked at';
const { certificate, key } = await unsigned();
const overTls = {
  CONVOKE_SERVER__PORT: '443',
  CONVOKE_SERVER__TLS: 'files',
  CONVOKE_SERVER__CERT_FILE: certificate,
  CONVOKE_SERVER__KEY_FILE: key,
};
/** The page comes from a private address: Chromium would ask somebody first. */
const chromiumArguments = [anyCertificate, '--disable-features=LocalNetworkAccessChecks'];
const chromium = process.env.CHROMIUM_BIN ?? '/usr/bin/chromium';

/** Two people meet there, see and hear each other; where their media went to. */
async function meet(browser: Browser, site: Site): Promise<string[]> {
  const ada = await Attendee.arrive(browser, site, 'Ada Admin');
  const gus = await Attendee.arrive(browser, site, 'Gus Guest');
  try {
    await ada.open('/');
    const token = new URL(site.setupLink()).searchParams.get('token');
    const account = { token, email: 'admin@example.org', name: 'Ada Admin', password: 'correct horse battery' };
    // Nobody but a browser on that network reaches the site.
    const slug = await ada.page.evaluate(async (account) => {
      const post = async (path: string, body: unknown) => {
        const headers = { 'content-type': 'application/json', 'x-convoke-csrf': '1' };
        const answer = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
        if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
        return (await answer.json()) as { slug: string };
      };
      await post('/api/auth/setup', account);
      return (await post('/api/rooms', { name: 'Far away' })).slug;
    }, account);
    for (const person of [ada, gus]) await person.join(slug);
    for (const person of [ada, gus]) await person.seesAndHears();
    const health = await ada.page.evaluate(async () => (await fetch('/health/ready')).json());
    assert.equal(health.checks.media.status, 'ok', JSON.stringify(health));
    return (await Promise.all([ada, gus].map(({ page }) => reached(page)))).flat();
  } finally {
    await Promise.all([ada, gus].map((person) => person.leave()));
  }
}

describe('where both ends speak', { skip: official ?? (await Network.impossible()) ?? false }, () => {
  /** Two people on that network meet at a site that was told nothing but its name. */
  const at = async (family: 'IPv6' | 'both', url: string): Promise<string[]> => {
    const network = await Network.lay(family);
    let [site, browser]: [Site?, Browser?] = [];
    try {
      site = await Site.startIn(network.inServer, url, { ...overTls, CONVOKE_SERVER__HOST: '::' });
      browser = await launchBrowser(chromiumArguments, await network.onClient(chromium));
      return await meet(browser, site);
    } finally {
      await browser?.close();
      await site?.stop();
      await network.remove();
    }
  };

  test('IPv6 alone: page and media come over it', async () => {
    const media = await at('IPv6', `https://[${Network.server6}]`);
    assert.deepEqual([...new Set(media)], [`udp [${Network.server6}]:7882`]);
  });

  test('IPv4 and IPv6: the site has both, and media takes one', async () => {
    for (const name of [`[${Network.server6}]`, Network.server]) {
      const media = await at('both', `https://${name}`);
      const known = [Network.server, Network.turn, `[${Network.server6}]`].map((address) => `udp ${address}:7882`);
      assert.ok(media.length >= 2 && media.every((end) => known.includes(end)), JSON.stringify(media));
    }
  });
});

describe('where routers translate addresses', { skip: official ?? (await Nat.impossible()) ?? false }, () => {
  let nat: Nat;
  let browser: Browser;
  let stun: Child;

  before(async () => {
    nat = await Nat.lay();
    browser = await launchBrowser(chromiumArguments, await nat.onClient(chromium));
    const turnserver = ['turnserver', '--stun-only', '--no-tls', '--no-dtls', '--no-cli', '-L', Nat.ofPeople, '-n', '--log-file', 'stdout'];
    stun = new Child('turnserver', 'ip', ['netns', 'exec', nat.peopleRouter, ...turnserver, '--pidfile', '/dev/null']);
  });
  after(async () => {
    await browser?.close();
    await stun?.stop();
    await nat?.remove();
  });

  const throughRouters = async (settings: Record<string, string>): Promise<string[]> => {
    const site = await Site.startIn(nat.inSite, `https://${Nat.outside}`, { ...overTls, ...settings });
    try {
      return await meet(browser, site);
    } finally {
      await site.stop();
    }
  };

  test('people behind one reach a site behind another that names its address', async () => {
    const media = await throughRouters({ CONVOKE_LIVEKIT__NODE_IP: Nat.outside });
    assert.deepEqual([...new Set(media)], [`udp ${Nat.outside}:7882`]);
  });

  test('a site behind one learns its address of a STUN server', async () => {
    const media = await throughRouters({
      // Its name would say where the router is.
      CONVOKE_SERVER__PUBLIC_URL: '',
      CONVOKE_LIVEKIT__USE_EXTERNAL_IP: 'true',
      CONVOKE_LIVEKIT__STUN_SERVERS: `${Nat.ofPeople}:3478`,
    });
    assert.deepEqual([...new Set(media)], [`udp ${Nat.outside}:7882`]);
  });

  test('where people send to nothing but port 443, media goes there over UDP', async () => {
    await nat.letPass(443);
    // Browsers take such a port at a public address alone.
    const media = await throughRouters({
      CONVOKE_LIVEKIT__NODE_IP: Nat.outside,
      CONVOKE_LIVEKIT__PORTS__SECOND_UDP: '443',
    });
    assert.deepEqual([...new Set(media)], [`udp ${Nat.outside}:443`]);
  });
});
