/** One local track for the preview: acquired while wanted, released when not, failure as a reason. */
import {
  createLocalAudioTrack,
  createLocalVideoTrack,
  type LocalAudioTrack,
  type LocalVideoTrack,
} from 'livekit-client';
import { useEffect, useRef, useState } from 'react';
import { type DeviceFailure, deviceFailure } from '../failure';

type Kinds = { audioinput: LocalAudioTrack; videoinput: LocalVideoTrack };

export function usePreview<K extends keyof Kinds>(
  kind: K,
  wanted: boolean,
  deviceId: string | null,
): {
  track: Kinds[K] | undefined;
  failure: DeviceFailure | null;
  /** Hands the track over to the call; the preview no longer stops it. */
  take: () => Kinds[K] | undefined;
  retry: () => void;
} {
  const [track, setTrack] = useState<Kinds[K]>();
  const [failure, setFailure] = useState<DeviceFailure | null>(null);
  const [attempt, setAttempt] = useState(0);
  const owned = useRef<Kinds[K] | undefined>(undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempt` asks for another try.
  useEffect(() => {
    if (!wanted) return;
    let gone = false;
    acquire(kind, deviceId).then(
      (acquired) => {
        if (gone) return acquired.stop();
        owned.current = acquired;
        setTrack(acquired);
        setFailure(null);
      },
      (error) => !gone && setFailure(deviceFailure(error)),
    );
    return () => {
      gone = true;
      owned.current?.stop();
      owned.current = undefined;
      setTrack(undefined);
      setFailure(null);
    };
  }, [kind, wanted, deviceId, attempt]);
  return {
    track,
    failure,
    take: () => {
      const taken = owned.current;
      owned.current = undefined;
      return taken;
    },
    retry: () => setAttempt((count) => count + 1),
  };
}

async function acquire<K extends keyof Kinds>(kind: K, deviceId: string | null): Promise<Kinds[K]> {
  const options = deviceId ? { deviceId } : {};
  const track =
    kind === 'audioinput'
      ? await createLocalAudioTrack(options)
      : await createLocalVideoTrack({ ...options, resolution: { width: 1280, height: 720 } });
  return track as Kinds[K];
}
