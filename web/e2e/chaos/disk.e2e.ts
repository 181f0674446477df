// A disk that becomes full under recordings: they end whole, and nothing that was recorded is lost.
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { EgressStatus, EncodedFileOutput } from 'livekit-server-sdk';
import { Egress, probe } from '../harness/egress.ts';
import { MediaServer } from '../harness/media-server.ts';
import { SmallDisk, withoutSmallDisk } from '../harness/small-disk.ts';
import { enter } from './bots.ts';
import { seconds } from './scene.ts';

let media: MediaServer;
before(async () => {
  if (!withoutSmallDisk) media = await MediaServer.start();
});
after(() => media?.stop());

const options = { skip: withoutSmallDisk, timeout: 120_000 };
const file = () => new EncodedFileOutput({ filepath: '' });

/** Bots in a room, and a recorder with 50 MB. */
async function play(room: string, bitrate: number, scene: (egress: Egress, disk: SmallDisk) => Promise<void>): Promise<void> {
  const disk = await SmallDisk.make(50);
  const bots = enter(media.wsUrl, { room, publishers: 2, bitrate });
  let egress: Egress | undefined;
  try {
    egress = await Egress.start(media, 'reserve_mb: 4', disk);
    const live = async () => (await media.rooms.listParticipants(room)).filter(({ tracks }) => tracks.length === 2).length === 2;
    await bots.until('publish', live);
    await scene(egress, disk);
  } finally {
    await egress?.stop();
    await bots.stop();
    await disk.stop();
  }
}

test('a recording ends whole while there is still room for its film', options, () =>
  play('full-by-itself', 8_000_000, async (egress, disk) => {
    const { egressId } = await egress.client.startRoomCompositeEgress('full-by-itself', { file: file() }, { layout: 'single-speaker' });
    const done = await egress.until(egressId, EgressStatus.EGRESS_LIMIT_REACHED, 60_000);
    const [film] = done.fileResults;
    const { seconds: long, streams } = await probe(disk.outside(film!.location));
    assert.ok(long > 5, `${long} s`);
    assert.deepEqual(streams.map(({ codec_name }) => codec_name), ['vp8', 'opus']);
    assert.equal(egress.events.filter(({ event }) => event === 'egress_ended').length, 1);
    const filler = await disk.fill(2 * 1024 * 1024);
    const again = () => egress.client.startRoomCompositeEgress('full-by-itself', { file: file() });
    await assert.rejects(again(), /disk space/);
    await rm(filler);
  }));

test('a disk that others fill at once costs nothing of what was recorded', options, () =>
  play('full-by-others', 1_600_000, async (egress, disk) => {
    const { egressId } = await egress.client.startRoomCompositeEgress('full-by-others', { file: file() }, { layout: 'single-speaker' });
    const active = await egress.until(egressId, EgressStatus.EGRESS_ACTIVE);
    await seconds(5);
    const filler = await disk.fill();
    const recorded = Date.now() - Number(active.startedAt / 1_000_000n);
    // It ends with the room that is kept for this moment, or waits for more; it neither fails nor lets go of anything.
    await seconds(4);
    const { status } = await egress.info(egressId);
    const fair = [EgressStatus.EGRESS_ACTIVE, EgressStatus.EGRESS_ENDING, EgressStatus.EGRESS_LIMIT_REACHED];
    assert.ok(fair.includes(status), `status ${status}`);
    await rm(filler);
    // It would try again by itself within a minute; so does the next process at once.
    await egress.kill();
    await egress.run();
    await egress.client.stopEgress(egressId).catch(() => undefined);
    let last = await egress.info(egressId);
    const over = async () => {
      last = await egress.info(egressId);
      return last.status === EgressStatus.EGRESS_COMPLETE || last.status === EgressStatus.EGRESS_LIMIT_REACHED;
    };
    await egress.child.until('the film', over).catch((error) => {
      throw new Error(`${error}\n${JSON.stringify(last.toJson())}`);
    });
    const { seconds: long } = await probe(disk.outside(last.fileResults[0]!.location));
    assert.ok(long * 1_000 > recorded - 2_000, `${long} s of ${recorded} ms`);
  }));
