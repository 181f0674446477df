// A site whose films go to a bucket, bots in its rooms, and everything that can be done to it. The judge of how it ends.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Child } from '../harness/child.ts';
import { probe } from '../harness/egress.ts';
import { apiKey, apiSecret } from '../harness/media-server.ts';
import { freeTcpPort } from '../harness/ports.ts';
import { Site, type Visitor } from '../harness/site.ts';
import { type Cast, enter } from './bots.ts';
import { S3 } from './s3.ts';

export type Recording = {
  id: string;
  state: string;
  ending: string | null;
  fault: string | null;
  size: number | null;
  duration_ms: number | null;
  transfer: { waiting_since: string | null; error?: string | null } | null;
};

export type Room = { id: string; slug: string };

export const seconds = (count: number) => new Promise((wake) => setTimeout(wake, count * 1_000));

export class Scene {
  readonly site: Site;
  readonly s3: S3;
  readonly admin: Visitor;
  private readonly wsUrl: string;

  private constructor(site: Site, s3: S3, admin: Visitor, wsUrl: string) {
    this.site = site;
    this.s3 = s3;
    this.admin = admin;
    this.wsUrl = wsUrl;
  }

  static async start(extra: Record<string, string> = {}): Promise<Scene> {
    const [s3, signal] = [await S3.start(), await freeTcpPort()];
    const site = await Site.start({
      CONVOKE_LIVEKIT__PORTS__SIGNAL: `${signal}`,
      CONVOKE_LIVEKIT__API_KEY: apiKey,
      CONVOKE_LIVEKIT__API_SECRET: apiSecret,
      // Of the disk that the tests run on.
      CONVOKE_RECORDINGS__RESERVE_GB: '0',
      ...s3.settings(),
      ...extra,
    });
    return new Scene(site, s3, await site.administrator(), `ws://127.0.0.1:${signal}`);
  }

  async stop(): Promise<void> {
    await this.site.stop();
    await this.s3.stop();
  }

  /** A room with bots in it. */
  async call(name: string, cast: Omit<Cast, 'room'> = {}): Promise<{ room: Room; bots: Child }> {
    const room = await this.admin.must<Room>('POST', '/api/rooms', { name });
    return { room, bots: enter(this.wsUrl, { room: room.id, ...cast }) };
  }

  /** Starts a recording, however often it takes: a call is known to the site a moment after it began. */
  async record(room: Room): Promise<void> {
    const started = async () => {
      const { status, body } = await this.admin.ask('POST', `/api/rooms/${room.slug}/recordings`, { layout: 'single-speaker' });
      if (status === 201 || body.code === 'already_recording') return true;
      throw new Error(JSON.stringify(body));
    };
    await this.until('start a recording', started);
  }

  async recordings(room: Room): Promise<Recording[]> {
    const { items } = await this.admin.must<{ items: Recording[] }>('GET', `/api/rooms/${room.slug}/recordings`);
    return items;
  }

  /** The room's only recording. */
  async recording(room: Room): Promise<Recording> {
    const all = await this.recordings(room);
    assert.equal(all.length, 1, `one recording, not ${JSON.stringify(all)}`);
    return all[0]!;
  }

  /** Resolves with the room's only recording once it is in this state. */
  async becomes(room: Room, state: string, milliseconds = 60_000): Promise<Recording> {
    let last: Recording | undefined;
    const there = async () => {
      last = await this.recording(room);
      return last.state === state;
    };
    await this.until(`see the recording ${state}`, there, milliseconds).catch((error) => {
      throw new Error(`${error}\nlast seen: ${JSON.stringify(last)}`);
    });
    return last!;
  }

  /** Asks until it is so; the site may be down meanwhile. */
  async until(what: string, ready: () => Promise<boolean>, milliseconds = 60_000): Promise<void> {
    const end = Date.now() + milliseconds;
    let last: unknown;
    while (Date.now() < end) {
      try {
        if (await ready()) return;
      } catch (error) {
        last = error;
      }
      await seconds(0.1);
    }
    throw new Error(`could not ${what} within ${milliseconds} ms: ${last}\n${this.site.child.tail(60)}`);
  }

  async stopRecording(room: Room): Promise<void> {
    const stopped = async () => {
      const { id, state } = await this.recording(room);
      if (!['starting', 'recording'].includes(state)) return true;
      const { status } = await this.admin.ask('POST', `/api/recordings/${id}/stop`);
      return status < 300;
    };
    await this.until('stop the recording', stopped);
  }

  async kill(what: 'egress' | 'media' | 'platform'): Promise<void> {
    if (what === 'platform') {
      this.site.child.signal('SIGKILL');
      return this.site.startAgain();
    }
    for (const pid of what === 'media' ? await this.site.mediaPids() : await this.egressPids()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has just ended by itself.
      }
    }
  }

  /** Makes sure that no webhook of any egress under way is ever kept or sent. */
  async loseWebhooks(): Promise<void> {
    for (const folder of await this.egressFolders()) {
      await rm(path.join(folder, 'events'), { recursive: true, force: true });
      // A file where the folder should be: it can neither be written to nor read.
      await writeFile(path.join(folder, 'events'), '').catch(() => undefined);
    }
  }

  async egressFolders(): Promise<string[]> {
    const root = path.join(this.site.dataDir, 'egress');
    const names = await readdir(root).catch(() => []);
    return names.filter((name) => name.startsWith('EG_')).map((name) => path.join(root, name));
  }

  /** The recorder's finished film of the only egress. */
  async filmOfRecorder(): Promise<string | undefined> {
    for (const folder of await this.egressFolders()) {
      const out = path.join(folder, 'out');
      const [film] = (await readdir(out).catch(() => [])).filter((name) => /\.(webm|mp4)$/.test(name) && !name.includes('.part'));
      if (film) return path.join(out, film);
    }
    return undefined;
  }

  /** The recording's film in the bucket: the only object of that name beside its picture, as large as is said, decodable to its end. */
  async judge(recording: Recording): Promise<{ file: string; seconds: number; sha256: string }> {
    const objects = (await this.s3.objects()).filter((file) => file.includes(recording.id));
    const films = objects.filter((file) => !file.includes('.poster.'));
    const what = `one film and its picture in the bucket, not ${JSON.stringify(objects)}`;
    assert.deepEqual([films.length, objects.length], [1, 2], what);
    const [file] = films as [string];
    const bytes = await readFile(file);
    assert.equal(bytes.byteLength, recording.size);
    const { seconds } = await probe(file);
    assert.ok(Math.abs(seconds * 1_000 - (recording.duration_ms ?? 0)) < 1_000, `${seconds} s, said to be ${recording.duration_ms} ms`);
    const played = Buffer.from(await (await this.play(recording)).arrayBuffer());
    assert.ok(played.equals(bytes), 'what is played is what is stored');
    return { file, seconds, sha256: createHash('sha256').update(bytes).digest('hex') };
  }

  /** Nothing is left anywhere but the films. */
  async nothingIsLeft(): Promise<void> {
    await this.until('be forgotten by the recorder', async () => (await this.egressFolders()).length === 0);
    await this.until('see no upload left', async () => (await this.s3.leftParts()).length === 0);
    const { items } = await this.admin.must<{ items: unknown[] }>('GET', '/api/admin/recordings?state=stuck');
    assert.deepEqual(items, []);
  }

  private async play({ id }: Recording): Promise<Response> {
    const cookie = this.admin.browserCookies().map(({ name, value }) => `${name}=${value}`).join('; ');
    const answer = await fetch(`${this.site.url}/api/recordings/${id}/media`, { headers: { cookie }, redirect: 'manual' });
    return answer.status === 302 ? fetch(answer.headers.get('location') ?? '') : answer;
  }

  private async egressPids(): Promise<number[]> {
    const found: number[] = [];
    for (const entry of await readdir('/proc')) {
      if (!/^\d+$/.test(entry) || !existsSync(`/proc/${entry}`)) continue;
      const line = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
      if (line.includes(`${this.site.dataDir}/`) && /\0egress\0/.test(line)) found.push(Number(entry));
    }
    return found;
  }
}
