// A real Synapse: its own folder and database, its client API on plain loopback HTTP, its federation API on TLS.
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Child } from './child.ts';
import type { Authority } from './homeserver.ts';
import { freeTcpPort } from './ports.ts';

const python = () => {
  const found = process.env.SYNAPSE_PYTHON ?? path.resolve(import.meta.dirname, '../../../target/synapse/bin/python');
  if (!existsSync(found)) throw new Error(`${found} is missing: run \`make target/synapse/.installed\` first`);
  return found;
};

export type Account = { userId: string; accessToken: string; deviceId: string };
type StateEvent = { type: string; state_key: string; content: Record<string, unknown> };

export class Synapse {
  /** Its server name: whoever asks for its federation API connects there. */
  readonly name: string;
  /** Its client-server API. */
  readonly url: string;
  private readonly child: Child;
  private readonly folder: string;

  private constructor(child: Child, folder: string, name: string, url: string) {
    this.child = child;
    this.folder = folder;
    this.name = name;
    this.url = url;
  }

  /** Needs `ready` before it answers. `serviceUrl` is what it tells clients to call with. */
  static async start(authority: Authority, serviceUrl: string): Promise<Synapse> {
    const folder = await mkdtemp(path.join(tmpdir(), 'convoke-synapse-'));
    const [clientPort, federationPort] = [await freeTcpPort(), await freeTcpPort()];
    const name = `localhost:${federationPort}`;
    const at = (file: string) => path.join(folder, file);
    await writeFile(at('key.pem'), authority.key);
    await writeFile(at('cert.pem'), authority.certificate);
    await writeFile(at('log.yaml'), LOG);
    // JSON is YAML.
    await writeFile(at('homeserver.yaml'), JSON.stringify({
      server_name: name,
      public_baseurl: `http://localhost:${clientPort}`,
      pid_file: at('pid'),
      listeners: [
        { port: clientPort, tls: false, type: 'http', bind_addresses: ['127.0.0.1'], resources: [{ names: ['client'] }] },
        { port: federationPort, tls: true, type: 'http', bind_addresses: ['127.0.0.1'], resources: [{ names: ['federation', 'openid'] }] },
      ],
      tls_certificate_path: at('cert.pem'),
      tls_private_key_path: at('key.pem'),
      federation_custom_ca_list: [authority.file],
      federation_ip_range_blacklist: [],
      ip_range_blacklist: [],
      trusted_key_servers: [],
      database: { name: 'sqlite3', args: { database: at('homeserver.db') } },
      log_config: at('log.yaml'),
      media_store_path: at('media'),
      signing_key: `ed25519 a_test ${randomBytes(32).toString('base64').replace(/=+$/, '')}`,
      macaroon_secret_key: randomBytes(32).toString('hex'),
      report_stats: false,
      enable_registration: true,
      enable_registration_without_verification: true,
      suppress_key_server_warning: true,
      rc_registration: { per_second: 100, burst_count: 100 },
      rc_message: { per_second: 100, burst_count: 1000 },
      rc_login: { address: { per_second: 100, burst_count: 100 } },
      max_event_delay_duration: '24h',
      experimental_features: { msc4143_enabled: true, msc4222_enabled: true, msc4354_enabled: true },
      matrix_rtc: { transports: [{ type: 'livekit', livekit_service_url: serviceUrl }] },
    }));
    const child = new Child('synapse', python(), ['-m', 'synapse.app.homeserver', '-c', at('homeserver.yaml')]);
    return new Synapse(child, folder, name, `http://localhost:${clientPort}`);
  }

  ready(): Promise<void> {
    return this.child.until('answer', async () => (await fetch(`${this.url}/_matrix/client/versions`)).ok, 120_000);
  }

  async register(name: string): Promise<Account> {
    const body = { username: name, password: 'a long enough password', auth: { type: 'm.login.dummy' } };
    const account = await this.ask<{ user_id: string; access_token: string; device_id: string }>(
      undefined, 'POST', '/v3/register', body,
    );
    return { userId: account.user_id, accessToken: account.access_token, deviceId: account.device_id };
  }

  /** A room that `owner` opens and everybody may enter and call in. */
  async room(owner: Account): Promise<string> {
    const events = { 'org.matrix.msc3401.call.member': 0 };
    const body = { preset: 'public_chat', power_level_content_override: { events } };
    return (await this.ask<{ room_id: string }>(owner, 'POST', '/v3/createRoom', body)).room_id;
  }

  async join(account: Account, roomId: string, via = this.name): Promise<void> {
    await this.ask(account, 'POST', `/v3/join/${encodeURIComponent(roomId)}?server_name=${encodeURIComponent(via)}`, {});
  }

  /** The users whose membership in the room's call has something in it. */
  async inCall(account: Account, roomId: string): Promise<string[]> {
    const state = await this.ask<StateEvent[]>(account, 'GET', `/v3/rooms/${encodeURIComponent(roomId)}/state`);
    return state
      .filter((event) => event.type === 'org.matrix.msc3401.call.member' && Object.keys(event.content).length > 0)
      .map((event) => /(@[^:]+:localhost:\d+)/.exec(event.state_key)?.[1] ?? event.state_key)
      .sort();
  }

  private async ask<T>(account: Account | undefined, method: string, where: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.url}/_matrix/client${where}`, {
      method,
      headers: account ? { authorization: `Bearer ${account.accessToken}` } : {},
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = await response.text();
    if (!response.ok) throw new Error(`${method} ${where}: ${response.status} ${answer}\n${this.child.tail()}`);
    return JSON.parse(answer) as T;
  }

  async stop(): Promise<void> {
    await this.child.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

const LOG = JSON.stringify({
  version: 1,
  formatters: { plain: { format: '%(levelname)s %(name)s %(message)s' } },
  handlers: { console: { class: 'logging.StreamHandler', formatter: 'plain' } },
  root: { level: 'WARNING', handlers: ['console'] },
});
