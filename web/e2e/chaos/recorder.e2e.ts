// A recorder that is killed again and again goes on under the same id; each time what was not on the disk yet is lost, no more.
import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { EgressStatus, EncodedFileOutput } from 'livekit-server-sdk';
import { Egress, probe } from '../harness/egress.ts';
import { MediaServer } from '../harness/media-server.ts';
import { enter } from './bots.ts';
import { Chance } from './random.ts';
import { seconds } from './scene.ts';

const kills = Number(process.env.KILLS ?? 2);
const chance = Chance.ofRun();

let media: MediaServer;
let egress: Egress;
before(async () => {
  media = await MediaServer.start();
  egress = await Egress.start(media);
});
after(async () => {
  await egress?.stop();
  await media?.stop();
});

test(`a recorder killed ${kills} times leaves one whole film`, { timeout: 120_000 + kills * 20_000 }, async () => {
  console.log(`seed ${chance.seed}; to repeat: SEED=${chance.seed} KILLS=${kills} node --test chaos/recorder.e2e.ts`);
  const bots = enter(media.wsUrl, { room: 'tough', publishers: 2 });
  try {
    const live = async () => (await media.rooms.listParticipants('tough')).filter(({ tracks }) => tracks.length === 2).length === 2;
    await bots.until('publish', live);
    const { egressId } = await egress.client.startRoomCompositeEgress('tough', { file: new EncodedFileOutput({ filepath: '' }) }, { layout: 'single-speaker' });
    await egress.until(egressId, EgressStatus.EGRESS_ACTIVE);
    const folder = path.join(egress.folder, 'egress', egressId);
    const tracks = path.join(folder, 'tracks');
    const killed: number[] = [];
    for (let life = 0; life < kills; life += 1) {
      const written = async () => (await readdir(tracks)).filter((name) => name.endsWith(`.${life}.webm`)).length === 4;
      await egress.child.until(`write all tracks for the ${life + 1}th time`, written);
      await seconds(chance.between(0.5, 2.5));
      killed.push(Date.now());
      await egress.kill();
      await egress.run();
    }
    await seconds(2);
    const stopped = Date.now();
    await egress.client.stopEgress(egressId);
    const done = await egress.until(egressId, EgressStatus.EGRESS_COMPLETE, 300_000);
    const { seconds: long, streams } = await probe(done.fileResults[0]!.location);
    assert.deepEqual(streams.map(({ codec_name }) => codec_name), ['vp8', 'opus']);
    const { zero } = JSON.parse(await readFile(path.join(folder, 'egress.json'), 'utf8')) as { zero: number };
    assert.ok(Math.abs(stopped - zero - long * 1_000) < 3_000, `the film has ${long} s of ${stopped - zero} ms`);
    assert.equal((await egress.client.listEgress({ roomName: 'tough' })).length, 1);
    const lost: number[] = [];
    for (const name of await readdir(tracks)) {
      const at = killed[Number(name.split('.')[1])];
      // A head without a frame: killed before its first half second was over.
      if ((await stat(path.join(tracks, name))).size < 1_000) continue;
      // Silence has no packets: what was lost is told by the pictures.
      const { seconds, streams } = await probe(path.join(tracks, name));
      if (at !== undefined && streams[0]?.codec_type === 'video') lost.push(at - zero - 1_000 * seconds);
    }
    lost.sort((one, other) => one - other);
    const at = (share: number) => lost[Math.min(lost.length - 1, Math.floor(lost.length * share))]?.toFixed(0);
    console.log(`${kills} kills, ${lost.length} pictures cut: lost median ${at(0.5)} ms, 95 % ${at(0.95)} ms, worst ${at(1)} ms; a film of ${long.toFixed(0)} s`);
    // A bound of the design, not of a machine: half a second between syncs, and a machine that is busy with others.
    assert.ok((lost.at(-1) ?? 0) < 3_000, `${lost.at(-1)} ms`);
  } finally {
    await bots.stop();
  }
});
