// A film on its way to a bucket: the site is killed again and again, the store goes away for long, bytes turn over.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFile, readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { Chance } from './random.ts';
import { withoutS3 } from './s3.ts';
import { type Room, Scene, seconds } from './scene.ts';

const kills = Number(process.env.KILLS ?? 2);
/** In one transfer: its film has a part more for each. */
const most = 10;
const chance = Chance.ofRun();
const MiB = 1024 * 1024;

let scene: Scene;
before(async () => {
  if (!withoutS3) scene = await Scene.start();
});
after(() => scene?.stop());

/** A recording whose film waits with the recorder for a store that is away; `size` of it are a void that players skip. */
async function waiting(name: string, size: number): Promise<{ room: Room; film: Buffer }> {
  const { room, bots } = await scene.call(name, { publishers: 1 });
  try {
    await scene.record(room);
    await scene.becomes(room, 'recording');
    await seconds(2);
    await scene.s3.goAway();
    await scene.stopRecording(room);
    await scene.becomes(room, 'processing');
  } finally {
    await bots.stop();
  }
  const path = await scene.filmOfRecorder();
  assert.ok(path, 'the recorder keeps the film');
  // An EBML Void with a length of eight bytes, filled so that no two parts are alike.
  const padding = Buffer.alloc(9 + size, 1);
  padding[0] = 0xec;
  padding.writeBigUInt64BE((1n << 56n) | BigInt(size), 1);
  for (let at = 9; at + 4 <= padding.length; at += 4_096) padding.writeUInt32BE(at, at);
  await appendFile(path, padding);
  return { room, film: await readFile(path) };
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

test('a store that is away for long is told of everywhere, and gets the film when it is back', { skip: withoutS3, timeout: 180_000 }, async () => {
  const { room, film } = await waiting('Patient', 1 * MiB);
  const told = async () => Boolean((await scene.recording(room)).transfer?.waiting_since);
  await scene.until('be told since when it waits', told);
  const { items } = await scene.admin.must<{ items: { id: string }[] }>('GET', '/api/admin/recordings?state=stuck');
  const { id } = await scene.recording(room);
  assert.deepEqual(items.map((item) => item.id), [id]);
  const overview = await scene.admin.must<{ recordings: { storage: string; waiting: number } }>('GET', '/api/admin/overview');
  assert.deepEqual([overview.recordings.storage, overview.recordings.waiting], ['down', 1]);
  const health = await fetch(`${scene.site.url}/health/ready`);
  assert.equal(health.status, 200, 'calls go on');
  assert.match(await health.text(), /storage/);
  await scene.kill('platform');
  await scene.s3.comeBack();
  await scene.admin.must('POST', `/api/admin/recordings/${id}/retry`);
  const { sha256: stored } = await scene.judge(await scene.becomes(room, 'completed'));
  assert.equal(stored, sha256(film));
  await scene.nothingIsLeft();
});

test('bytes that turn over are sent again, and only then is the film forgotten', { skip: withoutS3, timeout: 180_000 }, async () => {
  const { room, film } = await waiting('Liar', 20 * MiB);
  scene.s3.flips = 2;
  const sent = scene.s3.parts.length;
  await scene.s3.comeBack();
  const { sha256: stored } = await scene.judge(await scene.becomes(room, 'completed', 120_000));
  assert.equal(stored, sha256(film));
  assert.equal(scene.s3.flips, 0, 'both bytes were turned over');
  assert.equal(scene.s3.parts.length - sent, Math.ceil(film.length / (8 * MiB)) + 2);
  await scene.nothingIsLeft();
});

/** Moves one film while the site is killed so often. */
async function movesOn(name: string, times: number): Promise<void> {
  // More parts than kills, so that there is always something left to send.
  const { room, film } = await waiting(name, (times + 2) * 8 * MiB);
  const sent = scene.s3.parts.length;
  scene.s3.delay = 150;
  await scene.s3.comeBack();
  let done = 0;
  while (done < times) {
    const seen = scene.s3.parts.length;
    const moves = async () => scene.s3.parts.length > seen || (await scene.recording(room)).state === 'completed';
    await scene.until(`see a part sent after ${done} kills`, moves);
    if (scene.s3.parts.length === seen) break;
    await seconds(chance.between(0, 0.3));
    await scene.kill('platform');
    done += 1;
  }
  const { sha256: stored } = await scene.judge(await scene.becomes(room, 'completed', 180_000));
  scene.s3.delay = 0;
  assert.equal(stored, sha256(film));
  const [parts, needed] = [scene.s3.parts.slice(sent), Math.ceil(film.length / (8 * MiB))];
  console.log(`${done} kills, ${needed} parts needed, ${parts.length} sent: ${parts.join(' ')}`);
  assert.ok(parts.length <= needed + done, `${parts.length} parts were sent of ${needed}, with ${done} kills`);
  await scene.nothingIsLeft();
}

test(`a site killed ${kills} times in transfers sends a part again at most each time`, { skip: withoutS3, timeout: 180_000 + kills * 60_000 }, async () => {
  console.log(`seed ${chance.seed}; to repeat: SEED=${chance.seed} KILLS=${kills} node --test chaos/transfer.e2e.ts`);
  for (let left = kills; left > 0; left -= most) await movesOn(`Tough, ${left} left`, Math.min(left, most));
});
