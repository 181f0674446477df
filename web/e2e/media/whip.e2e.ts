// A browser and GStreamer publish over HTTP with a plain peer connection (WHIP), and unmodified livekit-client pages see and hear it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { Child } from '../harness/child.ts';
import { Stage } from '../harness/room.ts';

const stage = new Stage();
type Said = { status: number; location: string; etag: string; said: string; answer: string };

const publish = async (room: string, identity: string, options: Record<string, unknown> = {}) => {
  const page = await stage.pages.open();
  const token = await stage.server.token(identity, room);
  const said = await page.call<Said>('whip', `${stage.server.httpUrl}/whip/v1`, token, options);
  return { page, said };
};

for (const codec of ['vp8', 'h264', 'vp9', 'av1']) {
  test(`a page sees and hears what is published in ${codec}`, () =>
    stage.play(['ana'], async (room, ana) => {
      const { page, said } = await publish(room, 'encoder', { codec });
      try {
        assert.equal(said.status, 201);
        const seen = await ana.untilFlowing('encoder', 'camera');
        assert.equal(seen.mimeType.toLowerCase(), `video/${codec}`);
        await ana.untilFlowing('encoder', 'microphone');
      } finally {
        await page.close();
      }
    }));
}

test('simulcast streams are layers of one track', () =>
  stage.play(['ana'], async (room, ana) => {
    const { page } = await publish(room, 'encoder', { codec: 'vp8', simulcast: true });
    try {
      await ana.untilFlowing('encoder', 'camera');
      const [encoder] = await stage.server.rooms.listParticipants(room).then((all) => all.filter(({ identity }) => identity === 'encoder'));
      const video = encoder!.tracks.filter(({ mimeType }) => mimeType === 'video/VP8');
      assert.equal(video.length, 1);
      assert.equal(video[0]!.simulcast, true);
    } finally {
      await page.close();
    }
  }));

test('candidates are taken as they are found, ICE restarts, and the picture goes on', () =>
  stage.play(['ana'], async (room, ana) => {
    const { page, said } = await publish(room, 'encoder');
    try {
      await ana.untilFlowing('encoder', 'camera');
      assert.equal((await page.call<Said>('whipTrickle')).status, 204);
      const restarted = await page.call<Said>('whipRestart');
      assert.equal(restarted.status, 200, restarted.said);
      assert.notEqual(restarted.etag, said.etag);
      await page.until('connected again', () => page.call<string>('whipState'), (state) => state === 'connected');
      await ana.untilFlowing('encoder', 'camera');
      await ana.untilFlowing('encoder', 'microphone');
    } finally {
      await page.close();
    }
  }));

const gone = (room: string) =>
  stage.server.rooms.listParticipants(room).then((all) => all.every(({ identity }) => identity !== 'encoder'));

test('who deletes its session leaves, and who is sent out publishes no more', () =>
  stage.play(['ana'], async (room, ana) => {
    for (const end of [
      async (page: { call<T>(name: string): Promise<T> }) => assert.equal(await page.call('whipEnd'), 200),
      () => stage.server.rooms.removeParticipant(room, 'encoder'),
    ]) {
      const { page } = await publish(room, 'encoder');
      try {
        await ana.untilFlowing('encoder', 'camera');
        await end(page);
        await ana.until('the encoder is gone', () => gone(room), Boolean, 3_000);
        assert.equal(await page.call('whipEnd'), 404);
      } finally {
        await page.close();
      }
    }
  }));

test('a page that is closed without a word leaves', () =>
  stage.play(['ana'], async (room, ana) => {
    const { page } = await publish(room, 'encoder');
    await ana.untilFlowing('encoder', 'camera');
    await page.close();
    await ana.until('the encoder is gone', () => gone(room), Boolean, 40_000);
  }));

const needs = 'import gi; gi.require_version("GstWebRTC", "1.0"); from gi.repository import Gst; Gst.init(None); assert Gst.ElementFactory.find("webrtcbin") and Gst.ElementFactory.find("nicesrc")';
const gstreamer = spawnSync('/usr/bin/python3', ['-c', needs]).status === 0;

for (const codec of ['vp8', 'h264']) {
  const skip = gstreamer ? false : 'python3-gi with GStreamer and libnice is not installed';
  test(`a page sees and hears what GStreamer publishes in ${codec}`, { skip }, () =>
    stage.play(['ana'], async (room, ana) => {
      const script = path.resolve(import.meta.dirname, '../harness/gstreamer-whip.py');
      const token = await stage.server.token('encoder', room);
      const encoder = new Child('GStreamer', '/usr/bin/python3', [script, `${stage.server.httpUrl}/whip/v1`, token, codec]);
      try {
        const seen = await ana.untilFlowing('encoder', 'camera', 40_000);
        assert.equal(seen.mimeType.toLowerCase(), `video/${codec}`);
        await ana.untilFlowing('encoder', 'microphone');
      } finally {
        await encoder.stop();
      }
    }));
}
