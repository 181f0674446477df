/** The call session of a page: made once per room, disposed with the page. */
import { useQueryClient } from '@tanstack/react-query';
import { Room } from 'livekit-client';
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { type DeviceChoices, storedChoices } from '../../devices';
import { QualityReporter } from '../../quality';
import { getSite } from '../../site';
import { joinRoom } from '../api/joinRoom';
import { CallSession } from '../CallSession';
import { nearestRegion } from '../nearestRegion';
import { reconnectPolicy } from '../reconnectPolicy';

/** `slug` may change under a running call; who comes back comes by the new one. */
export function useCallSession(slug: string): CallSession {
  const latest = useRef(slug);
  latest.current = slug;
  // Its link may change under the call, also while the page's last words are on their way.
  const id = useRef('');
  const queryClient = useQueryClient();
  // Measured each time: a region that is gone since is far.
  const nearest = useCallback(async () => {
    const site = await queryClient.fetchQuery(getSite).catch(() => null);
    return nearestRegion(site?.regions ?? []);
  }, [queryClient]);
  const [session] = useState(
    () =>
      new CallSession({
        room: newRoom(storedChoices(), new URLSearchParams(location.search).get('signal')),
        join: async (name, signal) => {
          const join = await joinRoom(latest.current, name, await nearest(), signal);
          id.current = join.room.id;
          return join;
        },
        wait,
      }),
  );
  useSyncExternalStore(session.subscribe, () => session.state);
  useEffect(() => {
    const reporter = QualityReporter.of(session.room, () => id.current);
    reporter.start();
    return () => {
      // Its last words are about a room that is still there.
      reporter.stop();
      session.dispose();
    };
  }, [session]);
  return session;
}

/** `signal=dual` forces livekit-client's older two-connection mode, for tests. */
function newRoom(choices: DeviceChoices, signal: string | null): Room {
  return new Room({
    adaptiveStream: true,
    dynacast: true,
    singlePeerConnection: signal !== 'dual',
    stopLocalTrackOnUnpublish: false,
    reconnectPolicy: reconnectPolicy(),
    publishDefaults: { simulcast: true },
    audioCaptureDefaults: { deviceId: choices.audioinput ?? undefined },
    videoCaptureDefaults: {
      deviceId: choices.videoinput ?? undefined,
      resolution: { width: 1280, height: 720, frameRate: 30 },
    },
    audioOutput: { deviceId: choices.audiooutput ?? undefined },
  });
}

function wait(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener('online', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, seconds * 1_000);
    window.addEventListener('online', done);
    signal.addEventListener('abort', done);
  });
}
