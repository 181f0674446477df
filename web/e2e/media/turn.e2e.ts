// Media through the TURN server inside the media server: over each of its transports, and out of networks that block the rest.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { BarePages, type BarePage } from '../harness/bare-page.ts';
import { type Browser, launchBrowser } from '../harness/browser.ts';
import { MediaServer } from '../harness/media-server.ts';
import { Network, type Passes } from '../harness/network.ts';
import { freeTcpPort } from '../harness/ports.ts';
import { type Path, paths, type Transport, watchRelays } from '../harness/relays.ts';

/** A certificate that nobody signed is enough: what is tested is TURN. */
const anyCertificate = ['--ignore-certificate-errors'];
const relayOnly = { connect: { rtcConfig: { iceTransportPolicy: 'relay' } } };

const folder = await mkdtemp(path.join(tmpdir(), 'convoke-turn-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const [certificate, key] = ['cert.pem', 'key.pem'].map((name) => path.join(folder, name));
await promisify(execFile)('openssl', [
  'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
  '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-out', certificate!, '-keyout', key!,
]);

/** It tells clients port 443 for TLS, has no TCP and takes no peers with private addresses. */
const official = process.env.LIVEKIT_SERVER_BIN && "livekit-server's TURN cannot be tested on one machine";
const tlsKeys = `cert_file: ${certificate}, key_file: ${key}`;

class Call {
  readonly server: MediaServer;
  private readonly pages: BarePages;
  private rooms = 0;

  constructor(server: MediaServer, pages: BarePages) {
    this.server = server;
    this.pages = pages;
  }

  /** Two people meet, see and hear each other; the paths that their connections took. */
  async meet(mode: 'single' | 'dual', options: { only?: Transport; relay: boolean }): Promise<Path[]> {
    const room = `room-${(this.rooms += 1)}`;
    const people: BarePage[] = [];
    try {
      for (const identity of ['ana', 'ben']) {
        const page = await this.pages.open((page) => watchRelays(page, options.only));
        people.push(page);
        const token = await this.server.token(identity, room);
        await page.join(this.server.wsUrl, token, { mode, ...(options.relay ? relayOnly : {}) });
        await page.call('publish');
      }
      const [ana, ben] = people as [BarePage, BarePage];
      await ben.untilFlowing('ana', 'camera');
      await ana.untilFlowing('ben', 'microphone');
      await ana.call('sendData', 'hello', { reliable: true });
      await ben.until('data', () => ben.events('dataReceived'), (entries) => entries.length === 1);
      return (await Promise.all(people.map(({ page }) => paths(page)))).flat();
    } finally {
      await Promise.all(people.map((page) => page.close()));
    }
  }
}

describe('with nothing but relays', { skip: official ?? false }, () => {
  let browser: Browser;
  let pages: BarePages;
  let server: MediaServer;
  let call: Call;

  before(async () => {
    const [port, tlsPort] = [await freeTcpPort(), await freeTcpPort()];
    browser = await launchBrowser(anyCertificate);
    server = await MediaServer.start(
      `turn: { enabled: true, domain: localhost, udp_port: ${port}, tls_port: ${tlsPort}, ${tlsKeys} }`,
    );
    pages = await BarePages.start(browser);
    call = new Call(server, pages);
  });
  after(async () => {
    await pages?.stop();
    await browser?.close();
    await server?.stop();
  });

  for (const mode of ['single', 'dual'] as const)
    for (const only of ['udp', 'tcp', 'tls'] as const)
      test(`two meet over ${only} in ${mode} peer connection mode`, async () => {
        const taken = await call.meet(mode, { only, relay: true });
        assert.ok(taken.length >= 2, JSON.stringify(taken));
        for (const one of taken) assert.deepEqual(one, { type: 'relay', protocol: 'udp', relayProtocol: only });
      });

  test('what was relayed is counted, and nothing is left when all have gone', async () => {
    const token = await server.token('prometheus', '', { roomJoin: false, roomList: true });
    const metric = async (name: string) => {
      const answer = await fetch(`${server.httpUrl}/metrics`, { headers: { authorization: `Bearer ${token}` } });
      const line = (await answer.text()).split('\n').find((line) => line.startsWith(name));
      return Number(line?.split(' ').at(-1));
    };
    assert.ok((await metric('convoke_media_turn_bytes_total{direction="in"}')) > 100_000);
    assert.ok((await metric('convoke_media_turn_bytes_total{direction="out"}')) > 100_000);
    await server.child.until('no allocation', async () => (await metric('convoke_media_turn_allocations')) === 0);
  });
});

describe('from networks that block', { skip: official ?? (await Network.impossible()) ?? false }, () => {
  let network: Network;
  let browser: Browser;
  let call: Call;

  before(async () => {
    network = await Network.lay();
    const chromium = await network.onClient(process.env.CHROMIUM_BIN ?? '/usr/bin/chromium');
    // Its page comes from this machine, the server's address is a private one: it would ask somebody first.
    browser = await launchBrowser([...anyCertificate, '--disable-features=LocalNetworkAccessChecks'], chromium);
    const server = await MediaServer.startIn(network, [
      'port: 443',
      `bind_addresses: ["${Network.server}"]`,
      `rtc: { udp_port: 7882, tcp_port: 7881, node_ip: ${Network.server} }`,
      `turn: { enabled: true, domain: ${Network.turn}, bind_addresses: ["${Network.turn}"], udp_port: 3478, tls_port: 443, ${tlsKeys} }`,
    ]);
    call = new Call(server, BarePages.routed(browser));
  });
  after(async () => {
    await browser?.close();
    await call?.server.stop();
    await network?.remove();
  });

  const meet = async (passes: Passes, relay: boolean) => {
    await network.let(passes);
    const taken = await call.meet('single', { relay });
    assert.ok(taken.length >= 2, JSON.stringify(taken));
    return taken;
  };

  test('nothing: media goes straight to the server', async () => {
    for (const one of await meet('everything', false)) {
      assert.notEqual(one.type, 'relay');
      assert.equal(one.protocol, 'udp');
    }
  });

  test('UDP: media goes over TCP, and over TURN where it must', async () => {
    for (const { protocol, relayProtocol } of await meet('no UDP', false)) {
      assert.ok(protocol === 'tcp' || relayProtocol === 'tcp' || relayProtocol === 'tls', `${protocol} ${relayProtocol}`);
    }
    for (const one of await meet('no UDP', true)) {
      assert.equal(one.type, 'relay');
      assert.ok(one.relayProtocol === 'tcp' || one.relayProtocol === 'tls', one.relayProtocol);
    }
  });

  test('everything but TCP port 443: media goes over TURN with TLS', async () => {
    for (const one of await meet('TCP 443 alone', false)) {
      assert.deepEqual(one, { type: 'relay', protocol: 'udp', relayProtocol: 'tls' });
    }
  });
});
