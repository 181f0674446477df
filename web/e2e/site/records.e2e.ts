// What was acknowledged is kept, and one server alone keeps it: full disks, second servers, kill -9.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, open, readdir, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { Site } from '../harness/site.ts';

const until = async (what: string, condition: () => Promise<boolean>, milliseconds = 15_000) => {
  const end = Date.now() + milliseconds;
  while (Date.now() < end) {
    if (await condition().catch(() => false)) return;
    await new Promise((wake) => setTimeout(wake, 50));
  }
  throw new Error(`not within ${milliseconds} ms: ${what}`);
};

/** A disk of this many megabytes; `undefined` where this process may not make one. */
async function smallDisk(megabytes: number) {
  const folder = await mkdtemp(path.join(tmpdir(), 'convoke-disk-'));
  try {
    const options = ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder];
    execFileSync('mount', options, { stdio: 'pipe' });
  } catch (error) {
    await rmdir(folder);
    console.error(`SKIPPED, nothing is proven about full disks: mount says ${error}`);
    return undefined;
  }
  const filler = path.join(folder, 'filler');
  return {
    folder,
    async fill() {
      const file = await open(filler, 'w');
      try {
        for (;;) await file.write(Buffer.alloc(4096));
      } catch {
        // Full.
      } finally {
        await file.close();
      }
    },
    free: () => rm(filler),
    async remove() {
      execFileSync('umount', ['-l', folder]);
      await rmdir(folder);
    },
  };
}

test('a full disk stops writes while it is full and no longer, and ready tells', async (t) => {
  const disk = await smallDisk(12);
  if (!disk) return t.skip('no small disk can be mounted');
  const data = { CONVOKE_SERVER__DATA_DIR: path.join(disk.folder, 'data') };
  // Its log is on the same disk: a line that cannot be written harms nobody.
  const site = await Site.start(data, path.join(disk.folder, 'log'));
  try {
    const admin = await site.administrator();
    const create = () => admin.ask<{ code?: string }>('POST', '/api/rooms', { name: 'N'.repeat(90) });
    const room = await admin.must<{ slug: string }>('POST', '/api/rooms', { name: 'Planning' });
    await disk.fill();
    let kept = 1;
    let refused = await create();
    while (refused.status === 201) {
      kept += 1;
      assert.ok(kept < 1000, 'the disk is never full');
      refused = await create();
    }
    assert.equal(refused.status, 507, JSON.stringify(refused.body));
    assert.equal(refused.body.code, 'storage_full');
    assert.match(refused.headers.get('content-type') ?? '', /problem\+json/);
    assert.ok(refused.headers.get('retry-after'));
    // Whoever reads goes on, and a monitor hears of it.
    assert.equal((await admin.ask('GET', `/api/rooms/${room.slug}`)).status, 200);
    await until('ready to name the database', async () => {
      const ready = await fetch(`${site.url}/health/ready`);
      const { checks } = (await ready.json()) as { checks: { database: { detail?: string } } };
      return ready.status === 503 && /disk is full/.test(checks.database.detail ?? '');
    });
    await disk.free();
    await until('a write', async () => (await create()).status === 201, 5_000);
    await until('ready', async () => (await fetch(`${site.url}/health/ready`)).ok, 5_000);
    kept += 1;
    const guest = site.visitor();
    assert.equal((await guest.ask('POST', `/api/rooms/${room.slug}/join`, { name: 'Ann' })).status, 200);
    let found = 0;
    let next: string | null = '';
    while (next !== null) {
      const page: { items: unknown[]; next_cursor: string | null } = await admin.must(
        'GET',
        `/api/rooms?limit=100${next && `&cursor=${next}`}`,
      );
      found += page.items.length;
      next = page.next_cursor;
    }
    assert.equal(found, kept, 'every room that was answered 201, and none that was not');
  } finally {
    await site.stop();
    await disk.remove();
  }
});

test('a data folder and a database belong to one server, until it is gone', async () => {
  const site = await Site.start();
  try {
    const [pid] = await site.mediaPids();
    const second = await Site.refused(await site.beside());
    assert.equal(second.code, 1);
    assert.match(second.said, /^convoke: another Convoke server uses the data folder [^\n]*$/);
    const other = await mkdtemp(path.join(tmpdir(), 'convoke-site-'));
    const third = await Site.refused(
      await site.beside({
        CONVOKE_SERVER__DATA_DIR: other,
        CONVOKE_DATABASE__URL: `sqlite:${path.join(site.dataDir, 'convoke.db')}`,
      }),
    );
    assert.equal(third.code, 1);
    assert.match(third.said, /^convoke: another Convoke server uses [^\n]*convoke\.db[^\n]*$/);
    assert.deepEqual(
      (await readdir(other)).filter((file) => file !== 'convoke.lock'),
      [],
      'no media server was started for it',
    );
    await rm(other, { recursive: true });
    // The first noticed nothing.
    assert.deepEqual(await site.mediaPids(), [pid]);
    assert.ok((await fetch(`${site.url}/health/ready`)).ok);
    site.child.signal('SIGKILL');
    await site.startAgain();
  } finally {
    await site.stop();
  }
});
