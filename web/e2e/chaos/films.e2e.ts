// Films of what is hard to make one of: without ffmpeg, with one that fails, killed in the middle, of rooms in which little happens.
import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { EgressStatus, EncodedFileOutput } from 'livekit-server-sdk';
import { Egress, probe } from '../harness/egress.ts';
import { MediaServer } from '../harness/media-server.ts';
import { type Cast, enter } from './bots.ts';
import { Chance } from './random.ts';
import { seconds } from './scene.ts';

const chance = Chance.ofRun();
let media: MediaServer;
let folder: string;
before(async () => {
  media = await MediaServer.start();
  folder = await mkdtemp(path.join(tmpdir(), 'convoke-ffmpeg-'));
});
after(async () => {
  await media?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

const file = () => new EncodedFileOutput({ filepath: '' });

/** A program in ffmpeg's place. */
async function instead(name: string, script: string): Promise<string> {
  const program = path.join(folder, name);
  await writeFile(program, `#!/bin/sh\n${script}\n`);
  await chmod(program, 0o755);
  return `ffmpeg: ${program}`;
}

/** Bots who publish in a room. */
async function arrive(cast: Cast): Promise<ReturnType<typeof enter>> {
  const bots = enter(media.wsUrl, cast);
  const tracks = cast.audio === false ? 1 : 2;
  const { publishers = 2 } = cast;
  const live = async () => (await media.rooms.listParticipants(cast.room)).filter((one) => one.tracks.length === tracks).length >= publishers;
  await bots.until('publish', live);
  return bots;
}

/** Records a room of two for some seconds with this configuration, in a grid. */
async function grid(room: string, config: string, long: number, scene: (egress: Egress, egressId: string) => Promise<void>): Promise<void> {
  const bots = await arrive({ room, publishers: 2 });
  const egress = await Egress.start(media, config);
  try {
    const { egressId } = await egress.client.startRoomCompositeEgress(room, { file: file() }, { layout: 'grid' });
    await egress.until(egressId, EgressStatus.EGRESS_ACTIVE);
    await seconds(long);
    await egress.client.stopEgress(egressId);
    await scene(egress, egressId);
  } finally {
    await egress.stop();
    await bots.stop();
  }
}

for (const [name, config, said] of [
  ['no ffmpeg', async () => 'ffmpeg: ""', /needs ffmpeg, which is not installed/],
  ['an ffmpeg that fails', () => instead('fails', 'exit 1'), /ffmpeg failed/],
  ['an ffmpeg that is killed', () => instead('dies', 'kill -9 $$'), /ffmpeg failed/],
] as const) {
  test(`with ${name} the film shows who speaks, says so, and keeps its tracks`, { timeout: 60_000 }, async () =>
    grid(name.replaceAll(' ', '-'), await config(), 3, async (egress, egressId) => {
      const done = await egress.until(egressId, EgressStatus.EGRESS_COMPLETE);
      assert.match(done.details, said);
      const [film] = done.fileResults;
      assert.match(film!.filename, /\.webm$/);
      const { streams } = await probe(film!.location);
      assert.deepEqual(streams.map(({ codec_name }) => codec_name), ['vp8', 'opus']);
      assert.equal((await readdir(path.join(egress.folder, 'egress', egressId, 'tracks'))).length, 4);
    }));
}

test('a composer killed again and again makes one film, and what it had done it does not do again', { timeout: 120_000 }, async () => {
  const slow = await instead('slow', 'sleep 0.4; exec ffmpeg "$@"');
  console.log(`seed ${chance.seed}`);
  const [room, early] = ['composed', await arrive({ room: 'composed', publishers: 1, bitrate: 400_000 })];
  const egress = await Egress.start(media, slow);
  let late: ReturnType<typeof enter> | undefined;
  try {
    const { egressId } = await egress.client.startRoomCompositeEgress(room, { file: file() }, { layout: 'grid' });
    await egress.until(egressId, EgressStatus.EGRESS_ACTIVE);
    await seconds(2.5);
    late = enter(media.wsUrl, { room, publishers: 2, bitrate: 400_000 });
    await seconds(4);
    await egress.client.stopEgress(egressId);
    const scenes = path.join(egress.folder, 'egress', egressId, 'scenes');
    const done = new Map<string, number>();
    for (let kills = 0; kills < 4; kills += 1) {
      await seconds(chance.between(0.2, 1.2));
      await egress.kill();
      for (const name of (await readdir(scenes).catch(() => [])).filter((scene) => /^\d+\.mkv$/.test(scene))) {
        const { ino } = await stat(path.join(scenes, name));
        assert.ok(!done.has(name) || done.get(name) === ino, `${name} was made twice`);
        done.set(name, ino);
      }
      await egress.run();
    }
    const film = (await egress.until(egressId, EgressStatus.EGRESS_COMPLETE, 60_000)).fileResults[0]!;
    assert.match(film.filename, /\.mp4$/);
    const { seconds: long, streams } = await probe(film.location);
    assert.deepEqual(streams.map(({ codec_name }) => codec_name), ['h264', 'aac']);
    assert.ok(Math.abs(Number(streams[0]?.nb_read_frames) - 30 * long) <= 3, `${streams[0]?.nb_read_frames} frames in ${long} s`);
    const out = await readdir(path.join(egress.folder, 'egress', egressId, 'out'));
    assert.deepEqual(out.filter((name) => !/\.json$|^poster\./.test(name)), [film.filename]);
    const ended = async () => egress.events.filter(({ event, egressInfo }) => event === 'egress_ended' && egressInfo?.egressId === egressId).length === 1;
    await egress.child.until('one webhook of the end', ended);
  } finally {
    await late?.stop();
    await egress.stop();
    await early.stop();
  }
});

test('rooms in which little happens are recorded all the same', { timeout: 90_000 }, async () => {
  const egress = await Egress.start(media, 'ffmpeg: ""');
  const bots: ReturnType<typeof enter>[] = [];
  try {
    await media.rooms.createRoom({ name: 'empty', emptyTimeout: 300 });
    // A picture without a keyframe, which never comes; its sound is recorded at once. The third arrives with a picture.
    bots.push(await arrive({ room: 'silent', publishers: 1, audio: false }));
    bots.push(await arrive({ room: 'no-keyframe', publishers: 2, deaf: true }));
    const begun = Date.now();
    const ids = new Map<string, string>();
    for (const room of ['empty', 'silent', 'no-keyframe']) {
      const { egressId } = await egress.client.startRoomCompositeEgress(room, { file: file() }, { layout: 'single-speaker' });
      ids.set(room, egressId);
    }
    for (const id of ids.values()) await egress.until(id, EgressStatus.EGRESS_ACTIVE, 8_000);
    const codecs = new Map<string, (string | undefined)[]>();
    await seconds(3);
    for (const [room, id] of ids) {
      await egress.client.stopEgress(id);
      const recorded = (Date.now() - begun) / 1_000;
      const done = await egress.until(id, EgressStatus.EGRESS_COMPLETE);
      const { seconds: long, streams } = await probe(done.fileResults[0]!.location);
      codecs.set(room, streams.map(({ codec_name }) => codec_name));
      assert.ok(long > 2.5 && long < recorded + 1, `${room}: ${long} s of ${recorded} s`);
    }
    assert.deepEqual(codecs.get('empty'), ['opus']);
    assert.deepEqual(codecs.get('silent'), ['vp8', 'opus']);
    assert.deepEqual(codecs.get('no-keyframe'), ['opus']);
  } finally {
    await egress.stop();
    for (const one of bots) await one.stop();
  }
});
