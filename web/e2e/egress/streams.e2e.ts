// Live streams by RTMP and SRT: LiveKit's SDK asks, Debian's ffmpeg receives and judges.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { EgressStatus, EncodedFileOutput, StreamOutput, StreamProtocol } from 'livekit-server-sdk';
import { Egress, probe } from '../harness/egress.ts';
import { freeTcpPort } from '../harness/ports.ts';
import { judge, Receiver } from '../harness/receiver.ts';
import { Stage } from '../harness/room.ts';

let egress: Egress;
const stage = new Stage('', [], async (server) => {
  egress = await Egress.start(server);
});
after(() => egress?.stop());

// The protocol's numbers of a stream's states, which the SDK has no names for.
const [ACTIVE, FINISHED, FAILED] = [0, 1, 2];
const seconds = (count: number) => new Promise((wake) => setTimeout(wake, count * 1_000));
const to = (...urls: string[]) => new StreamOutput({ protocol: StreamProtocol.DEFAULT_PROTOCOL, urls });
const refusing = async (key: string) => `rtmp://127.0.0.1:${await freeTcpPort()}/live/${key}`;
const states = async (id: string) => (await egress.info(id)).streamResults.map(({ status }) => status);
const untilStates = (id: string, ...wanted: (number | undefined)[]) =>
  egress.child.until(`streams are ${wanted}`, async () => `${await states(id)}` === `${wanted}`);
const updates = (id: string) => egress.events.filter(({ event, egressInfo }) => event === 'egress_updated' && egressInfo?.egressId === id).length;

/** What every process of this machine was started with, and the programs that send. */
async function processes(): Promise<{ text: string; senders: number }> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
  return { text: lines.join('\n'), senders: lines.filter((line) => line.includes('-fpre')).length };
}

async function good(file: string, atLeast: number): Promise<void> {
  const { seconds: long, streams } = await probe(file);
  assert.ok(long > atLeast && long < 40, `${file}: ${long} s`);
  const [picture, sound] = [...streams].sort((one, other) => other.codec_type.localeCompare(one.codec_type));
  assert.deepEqual([picture?.codec_name, picture?.width, picture?.height, sound?.codec_name], ['h264', 1280, 720, 'aac']);
  const { black, loudest } = await judge(file);
  console.log(`${path.basename(file)}: ${long} s, ${picture?.nb_read_frames} frames, ${black} s black, ${loudest} dB`);
  assert.ok(black < long / 2, `${black} s of ${long} s are black`);
  assert.ok(loudest > -50, `${loudest} dB`);
}

test('a room is streamed to several addresses, which come and go, and goes on after the recorder was killed', async () => {
  const [first, second, third] = [await Receiver.rtmp('the-first-key'), await Receiver.rtmp('the-second-key'), await Receiver.srt()];
  try {
    await stage.play(['ana', 'ben'], async (room, ana, ben) => {
      await ana.call('publish');
      await ben.call('publish', { options: { videoCodec: 'vp9' } });
      await ana.untilFlowing('ben', 'camera');
      const refused = await refusing('the-refused-key');
      const { egressId, request } = await egress.client.startRoomCompositeEgress(
        room, { stream: to(first.url, third.url, refused) }, { layout: 'single-speaker' },
      );
      const redacted = first.url.replace('the-first-key', '{the...key}');
      assert.ok(JSON.stringify(request).includes(redacted) && !JSON.stringify(request).includes('the-first-key'));
      await egress.until(egressId, EgressStatus.EGRESS_ACTIVE);
      await untilStates(egressId, ACTIVE, ACTIVE, FAILED);
      const { streamResults, status } = await egress.info(egressId);
      assert.equal(status, EgressStatus.EGRESS_ACTIVE);
      assert.deepEqual(streamResults.map(({ url }) => url), [redacted, third.url, refused.replace('the-refused-key', '{the...key}')]);
      assert.match(streamResults[2]!.error, /refused/i);
      await egress.child.until('tell of it', async () => updates(egressId) === 2);

      await egress.client.updateStream(egressId, [second.url]);
      await assert.rejects(egress.client.updateStream(egressId, [second.url]), /already exists/);
      // Another codec, then another size: the stream does not change.
      await ana.call('unpublish', 'camera');
      await seconds(2);
      await ben.call('publishCanvas', 800, 600);
      await seconds(3);
      const { text, senders } = await processes();
      assert.equal(senders, 3);
      for (const key of ['the-first-key', 'the-second-key']) assert.ok(!text.includes(key), `${key} is seen by everybody`);
      await egress.client.updateStream(egressId, undefined, [redacted]);
      assert.deepEqual(await states(egressId), [FINISHED, ACTIVE, FAILED, ACTIVE]);
      await good(await first.ended(), 3);

      const killed = egress.child;
      await egress.kill();
      const gone = async () => (await processes()).senders === 0;
      for (let waited = 0; !(await gone()); waited += 1) {
        assert.ok(waited < 150, 'an ffmpeg is left behind');
        await seconds(0.1);
      }
      for (const receiver of [second, third]) {
        await receiver.ended();
        receiver.again();
      }
      await egress.run();
      await egress.child.until('send again', async () => (await processes()).senders === 2);
      await seconds(8);
      assert.deepEqual(await states(egressId), [FINISHED, ACTIVE, FAILED, ACTIVE]);
      await egress.client.updateStream(egressId, undefined, [second.url]);
      await egress.client.updateStream(egressId, undefined, [third.url]);
      const done = await egress.until(egressId, EgressStatus.EGRESS_COMPLETE);
      assert.equal(done.details, 'End reason: All streams stopped');
      assert.deepEqual(done.streamResults.map((stream) => stream.status), [FINISHED, FINISHED, FAILED, FINISHED]);
      for (const { startedAt, endedAt, duration } of done.streamResults) assert.equal(duration, endedAt - startedAt);
      assert.equal(done.result.case, 'stream');
      for (const receiver of [second, third]) await good(await receiver.ended(), 3);
      await assert.rejects(egress.client.updateStream(egressId, [first.url]), /EGRESS_COMPLETE cannot be updated/);
      const folder = path.join(egress.folder, 'egress', egressId);
      assert.ok(!(await readFile(path.join(folder, 'egress.json'), 'utf8')).includes('the-second-key'), 'keys are forgotten');
      assert.ok(!(await readdir(folder)).some((name) => name.startsWith('stream-') || name === 'tracks'));
      for (const { lines } of [killed, egress.child]) assert.ok(!lines.some((line) => /the-\w+-key/.test(line)), 'a log tells no key');
    });
  } finally {
    await Promise.all([first, second, third].map((receiver) => receiver.stop()));
  }
});

test('an address that refuses ends an egress that has no other output, and no other one', () =>
  stage.play(['ana'], async (room, ana) => {
    await ana.call('publish');
    const receiver = await Receiver.rtmp('a-later-key');
    try {
      const outputs = { file: new EncodedFileOutput({}), stream: to(await refusing('key-of-both')) };
      const both = await egress.client.startRoomCompositeEgress(room, outputs, { layout: 'single-speaker' });
      const [person] = await stage.server.rooms.listParticipants(room);
      const sound = person!.tracks.find(({ type }) => type === 0)!.sid;
      const alone = await egress.client.startTrackCompositeEgress(room, to(await refusing('key-of-one')), { audioTrackId: sound });
      await egress.until(both.egressId, EgressStatus.EGRESS_ACTIVE);
      const failed = await egress.until(alone.egressId, EgressStatus.EGRESS_FAILED);
      assert.equal(failed.errorCode, 503);
      assert.match(failed.error, /refused/i);
      assert.deepEqual(failed.streamResults.map(({ status }) => status), [FAILED]);
      await untilStates(both.egressId, FAILED);
      await egress.client.updateStream(both.egressId, [receiver.url]);
      await seconds(5);
      await egress.client.stopEgress(both.egressId);
      const done = await egress.until(both.egressId, EgressStatus.EGRESS_COMPLETE, 120_000);
      await probe(done.fileResults[0]!.location);
      assert.deepEqual(done.streamResults.map(({ status }) => status), [FAILED, FINISHED]);
      await good(await receiver.ended(), 3);
    } finally {
      await receiver.stop();
    }
  }));

test('what cannot be streamed is refused in the original words, and no key is repeated', async () => {
  const start = (server: Egress, ...urls: string[]) => server.client.startRoomCompositeEgress('nobody-here', { stream: to(...urls) });
  await assert.rejects(start(egress, 'rtmp://host/secret'), (error: Error) => /rtmp urls must be of format/.test(error.message) && !/secret/.test(error.message));
  await assert.rejects(start(egress, 'http://host/app/secret'), /invalid scheme/);
  await assert.rejects(start(egress, 'rtmp://host/app/key', 'rtmp://host/app/key'), /already exists/);
  await assert.rejects(start(egress, 'rtmp://host/app/key'), /requested room does not exist/);
  await assert.rejects(egress.client.updateStream('EG_unknown', ['rtmp://host/app/key']), /egress does not exist/);
  await stage.play(['ana'], async (room) => {
    const { egressId } = await egress.client.startRoomCompositeEgress(room, { file: new EncodedFileOutput({}) });
    await assert.rejects(egress.client.updateStream(egressId, ['rtmp://host/app/key']), /UpdateStream called on non-streaming egress/);
    await egress.client.stopEgress(egressId);
  });
  const bare = await Egress.start(stage.server, 'ffmpeg: ""');
  try {
    await assert.rejects(start(bare, 'rtmp://host/app/key'), /stream_outputs needs ffmpeg, which is not installed/);
  } finally {
    await bare.stop();
  }
});
