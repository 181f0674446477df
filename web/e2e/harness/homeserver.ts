// A Matrix homeserver over real TLS, as far as MatrixRTC asks one: who an OpenID token is, and delayed events.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** An authority of this run's own, and a certificate of it for 127.0.0.1 and localhost. */
export class Authority {
  /** PEM file for SSL_CERT_FILE. */
  readonly file: string;
  readonly key: Buffer;
  readonly certificate: Buffer;
  private readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
    const at = (name: string) => path.join(folder, name);
    const openssl = (...words: string[]) => execFileSync('openssl', words, { stdio: 'pipe' });
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    openssl('req', '-x509', ...key, '-keyout', at('ca.key'), '-out', at('ca.pem'), '-subj', '/CN=test authority', '-days', '2');
    openssl(
      'req', '-x509', ...key, '-keyout', at('key.pem'), '-out', at('cert.pem'), '-subj', '/CN=homeserver', '-days', '2',
      '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost', '-addext', 'basicConstraints=critical,CA:FALSE',
      '-CA', at('ca.pem'), '-CAkey', at('ca.key'),
    );
    this.file = at('ca.pem');
    this.key = readFileSync(at('key.pem'));
    this.certificate = readFileSync(at('cert.pem'));
  }

  static async make(): Promise<Authority> {
    return new Authority(await mkdtemp(path.join(tmpdir(), 'convoke-authority-')));
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}

export class Homeserver {
  /** `<delay_id> <action>` of each request about a delayed event, in order. */
  readonly acts: string[] = [];
  private readonly server: https.Server;

  private constructor(authority: Authority) {
    this.server = https.createServer({ key: authority.key, cert: authority.certificate }, (request, response) => {
      const url = new URL(request.url ?? '/', 'https://x');
      const answer = (status: number, body: unknown) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      const token = url.searchParams.get('access_token');
      const act = /\/delayed_events\/([^/]+)\/(restart|send)$/.exec(url.pathname);
      if (url.pathname === '/_matrix/federation/v1/openid/userinfo') {
        // The token of a person is `token-of-<name>`.
        const name = token?.startsWith('token-of-') ? token.slice('token-of-'.length) : undefined;
        if (name) answer(200, { sub: this.user(name) });
        else answer(401, { errcode: 'M_UNKNOWN_TOKEN', error: 'unknown' });
      } else if (act && request.method === 'POST') {
        this.acts.push(`${act[1]} ${act[2]}`);
        answer(200, {});
      } else {
        answer(404, { errcode: 'M_UNRECOGNIZED', error: 'unrecognized' });
      }
    });
  }

  static async start(authority: Authority): Promise<Homeserver> {
    const homeserver = new Homeserver(authority);
    await new Promise<void>((listening) => homeserver.server.listen(0, '127.0.0.1', listening));
    return homeserver;
  }

  get name(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  user(name: string): string {
    return `@${name}:${this.name}`;
  }

  /** What a client posts to /get_token. */
  tokenRequest(name: string, room: string, more: Record<string, unknown> = {}): Record<string, unknown> {
    return {
      room_id: room,
      slot_id: 'm.call#ROOM',
      openid_token: {
        access_token: `token-of-${name}`,
        token_type: 'Bearer',
        matrix_server_name: this.name,
        expires_in: 3600,
      },
      member: { id: `member-${name}`, claimed_user_id: this.user(name), claimed_device_id: 'DEVICE' },
      ...more,
    };
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }
}
