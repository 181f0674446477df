// Where films go and what is made of them: a bucket that is away, pieces for streaming players, pictures; LiveKit's SDK asks.
import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import {
  EgressStatus, EncodedFileOutput, FileOutput, ImageOutput, Output, SegmentedFileOutput, StartEgressRequest, TemplateSource,
} from 'livekit-server-sdk';
import { Egress, probe } from '../harness/egress.ts';
import { Stage } from '../harness/room.ts';
import { isInstalled, S3 } from '../harness/s3.ts';

let egress: Egress;
const stage = new Stage('', [], async (server) => {
  egress = await Egress.start(server);
});
after(() => egress?.stop());

const seconds = (count: number) => new Promise((wake) => setTimeout(wake, count * 1_000));
const folder = (id: string) => path.join(egress.folder, 'egress', id);

test('a film waits for its bucket, through a kill of the recorder, and is gone here when it is whole there', { skip: !isInstalled() }, async () => {
  const s3 = await S3.plan();
  try {
    await stage.play(['ana', 'ben'], async (room, ana, ben) => {
      for (const page of [ana, ben]) await page.call('publish');
      await ana.untilFlowing('ben', 'camera');
      const file = new EncodedFileOutput({ filepath: 'films/{room_name}', output: { case: 's3', value: s3.upload() } });
      const { egressId, request } = await egress.client.startRoomCompositeEgress(room, { file }, { layout: 'single-speaker' });
      assert.ok(!JSON.stringify(request).includes(s3.secret), 'callers are not told the secret');
      await egress.until(egressId, EgressStatus.EGRESS_ACTIVE);
      await seconds(3);
      await egress.client.stopEgress(egressId);
      await egress.child.until('wait for the bucket', async () => (await egress.info(egressId)).details.includes('waiting for storage'));
      assert.equal((await stat(path.join(folder(egressId), 'egress.json'))).mode & 0o777, 0o600);
      await egress.kill();
      await s3.run();
      await egress.run();
      const done = await egress.until(egressId, EgressStatus.EGRESS_COMPLETE);
      const [film] = done.fileResults;
      const key = `films/${room}.webm`;
      assert.equal(film?.filename, key);
      assert.equal(film.location, `https://${s3.url.slice('http://'.length)}/films/${key}`);
      assert.equal(done.details, 'End reason: StopEgress API');
      assert.equal(Number(film.size), (await stat(s3.path(key))).size);
      await probe(s3.path(key));
      const manifest = JSON.parse(await readFile(s3.path(`films/${egressId}.json`), 'utf8'));
      assert.deepEqual(manifest.files, [{ filename: key, location: film.location }]);
      assert.equal(done.manifestLocation.split('/').at(-1), `${egressId}.json`);
      const left = await readdir(folder(egressId), { recursive: true });
      assert.ok(!left.some((name) => name.endsWith('.webm')), `${left}`);
      for (const name of ['egress.json', 'delivery.json'])
        assert.ok(!(await readFile(path.join(folder(egressId), name), 'utf8')).includes(s3.secret), name);
      assert.ok(!egress.child.lines.some((line) => line.includes(s3.secret)), 'a log tells no secret');
    });
  } finally {
    await s3.stop();
  }
});

test('of a finished film there are pieces with playlists and pictures, as asked by either version of the API', () =>
  stage.play(['ana', 'ben'], async (room, ana, ben) => {
    for (const page of [ana, ben]) await page.call('publish');
    await ana.untilFlowing('ben', 'camera');
    const segments = new SegmentedFileOutput({ filenamePrefix: 'hls/part', playlistName: 'hls/all.m3u8', livePlaylistName: 'live', segmentDuration: 2 });
    const images = new ImageOutput({ captureInterval: 2, width: 320, height: 180, filenamePrefix: 'pictures/one' });
    const first = await egress.client.startRoomCompositeEgress(room, { file: new EncodedFileOutput({}), segments, images }, { layout: 'grid' });
    const second = await egress.client.startEgress(new StartEgressRequest({
      roomName: room,
      source: { case: 'template', value: new TemplateSource({ layout: 'single-speaker' }) },
      outputs: [
        new Output({ config: { case: 'file', value: new FileOutput({ disableManifest: true }) } }),
        new Output({ config: { case: 'segments', value: new SegmentedFileOutput({ disableManifest: true }) } }),
      ],
    }));
    for (const { egressId } of [first, second]) await egress.until(egressId, EgressStatus.EGRESS_ACTIVE);
    await seconds(6);
    for (const { egressId } of [first, second]) await egress.client.stopEgress(egressId);

    const done = await egress.until(first.egressId, EgressStatus.EGRESS_COMPLETE, 120_000);
    const [cut] = done.segmentResults;
    assert.equal(cut?.playlistName, 'hls/all.m3u8');
    const film = await probe(done.fileResults[0]!.location);
    const streamed = await probe(cut.playlistLocation);
    assert.ok(Math.abs(film.seconds - streamed.seconds) < 0.5, `${streamed.seconds} s of ${film.seconds} s`);
    assert.deepEqual(streamed.streams.map(({ codec_name }) => codec_name).sort(), ['aac', 'h264']);
    const pieces = (await readdir(path.dirname(cut.playlistLocation))).filter((name) => /^part_\d{5}\.ts$/.test(name));
    assert.equal(Number(cut.segmentCount), pieces.length);
    assert.ok(pieces.length >= 2, `${pieces}`);
    await probe(cut.livePlaylistLocation);
    const [taken] = done.imageResults;
    assert.equal(taken?.filenamePrefix, 'pictures/one');
    assert.equal(Number(taken.imageCount), Math.floor(film.seconds / 2) + 1);
    const manifest = JSON.parse(await readFile(done.manifestLocation, 'utf8'));
    assert.equal(manifest.images.length, Number(taken.imageCount));
    for (const { location } of manifest.images) {
      const [picture] = (await probe(location)).streams;
      assert.deepEqual([picture?.codec_name, picture?.width, picture?.height], ['mjpeg', 320, 180]);
    }

    const other = await egress.until(second.egressId, EgressStatus.EGRESS_COMPLETE, 120_000);
    assert.equal(other.manifestLocation, '');
    const encoded = await probe(other.segmentResults[0]!.playlistLocation);
    assert.deepEqual(encoded.streams.map(({ codec_name }) => codec_name).sort(), ['aac', 'h264']);
  }));

test('JSON has every field as the original writes it; what needs ffmpeg is refused where it is missing', async () => {
  const ask = (server: Egress, method: string, body: object) =>
    server.token().then((token) => fetch(`${server.url}/twirp/livekit.Egress/${method}`, {
      method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` }, body: JSON.stringify(body),
    })).then((answer) => answer.json() as Promise<Record<string, any>>);
  const { items } = await ask(egress, 'ListEgress', {});
  const [{ error_code, retry_count, stream_results, room_composite }] = items.filter((item: object) => 'room_composite' in item);
  assert.deepEqual([error_code, retry_count, stream_results, room_composite.audio_mixing], [0, 0, [], 'DEFAULT_MIXING']);
  const bare = await Egress.start(stage.server, 'ffmpeg: ""');
  try {
    const refused = await ask(bare, 'StartRoomCompositeEgress', { room_name: 'r', image_outputs: [{}] });
    assert.equal(refused.code, 'failed_precondition');
    assert.match(refused.msg, /needs ffmpeg/);
  } finally {
    await bare.stop();
  }
});
