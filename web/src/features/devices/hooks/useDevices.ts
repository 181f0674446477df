/** The cameras, microphones and speakers of this machine, kept up to date while plugged in and out. */
import { useEffect, useState } from 'react';

export type Devices = Record<MediaDeviceKind, { id: string; label: string }[]>;
const NONE: Devices = { audioinput: [], audiooutput: [], videoinput: [] };

/** `refresh` is any value that changes when permission may have changed: labels appear only then. */
export function useDevices(refresh?: unknown): Devices {
  const [devices, setDevices] = useState(NONE);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new `refresh` means: look again.
  useEffect(() => {
    const media = navigator.mediaDevices;
    if (!media?.enumerateDevices) return;
    let gone = false;
    const read = async () => {
      const found = await media.enumerateDevices().catch(() => []);
      if (!gone) setDevices(sorted(found));
    };
    void read();
    media.addEventListener('devicechange', read);
    return () => {
      gone = true;
      media.removeEventListener('devicechange', read);
    };
  }, [refresh]);
  return devices;
}

function sorted(found: MediaDeviceInfo[]): Devices {
  const devices: Devices = { audioinput: [], audiooutput: [], videoinput: [] };
  for (const { kind, deviceId, label } of found) {
    if (deviceId && label) devices[kind].push({ id: deviceId, label });
  }
  return devices;
}
