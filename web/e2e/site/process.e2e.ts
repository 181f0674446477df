// The site as a process tree: ready when it says so, honest when the media is down, no orphan for ever.
import assert from 'node:assert/strict';
import { readdir, stat } from 'node:fs/promises';
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
const gone = (pid: number) => {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
};

test('a killed media server is started again, and the site tells the truth meanwhile', async () => {
  const site = await Site.start();
  try {
    const [pid] = await site.mediaPids();
    assert.ok(pid, 'the media server runs as a child');
    process.kill(pid, 'SIGKILL');
    await until('another media server', async () => {
      const [next] = await site.mediaPids();
      return next !== undefined && next !== pid && (await fetch(`${site.url}/health/ready`)).ok;
    });
    assert.equal((await fetch(`${site.url}/health/live`)).status, 200);
  } finally {
    await site.stop();
  }
});

test('a normal stop leaves no process and no configuration behind', async () => {
  const site = await Site.start();
  try {
    const [pid] = await site.mediaPids();
    assert.ok(pid);
    assert.equal(await site.child.stop(), 0);
    assert.ok(gone(pid), 'the media server ended');
    const files = await readdir(site.dataDir, { recursive: true });
    assert.deepEqual(files.filter((file) => /\.yaml$/.test(file)), ["livekit-keys.yaml"]);
  } finally {
    await site.stop();
  }
});

test('kill -9 of the site leaves the media server and the recorder to the next start', async () => {
  const site = await Site.start();
  try {
    const before = [...(await site.mediaPids()), ...(await site.recorderPids())];
    assert.equal(before.length, 2);
    site.child.signal('SIGKILL');
    await site.startAgain();
    assert.deepEqual([...(await site.mediaPids()), ...(await site.recorderPids())], before);
    assert.ok(before.every((pid) => !gone(pid)));
  } finally {
    await site.stop();
  }
});

test('what is in the data folder is readable by its owner only', async () => {
  const site = await Site.start();
  try {
    const files = await readdir(site.dataDir, { recursive: true });
    assert.ok(files.includes('convoke.db'));
    for (const file of files) {
      const { mode } = await stat(path.join(site.dataDir, file));
      assert.equal(mode & 0o077, 0, `${file} has mode ${(mode & 0o777).toString(8)}`);
    }
  } finally {
    await site.stop();
  }
});

test('accounts and rooms outlive a restart', async () => {
  const site = await Site.start();
  try {
    const admin = await site.administrator();
    const room = await admin.must<{ slug: string }>('POST', '/api/rooms', { name: 'Planning' });
    await site.restart();
    const rooms = await admin.must<{ items: { slug: string }[] }>('GET', '/api/rooms');
    assert.deepEqual(rooms.items.map(({ slug }) => slug), [room.slug]);
    assert.throws(() => site.setupLink(), 'no second setup link');
  } finally {
    await site.stop();
  }
});
