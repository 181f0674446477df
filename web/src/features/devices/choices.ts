/** What a person chose last time for camera, microphone, speaker and name; remembered on this device. */
export type DeviceChoices = {
  name: string;
  microphone: boolean;
  camera: boolean;
  audioinput: string | null;
  videoinput: string | null;
  audiooutput: string | null;
};
const STORED = 'convoke.devices';
const FIRST: DeviceChoices = {
  name: '',
  microphone: true,
  camera: true,
  audioinput: null,
  videoinput: null,
  audiooutput: null,
};

export function storedChoices(): DeviceChoices {
  try {
    const stored = JSON.parse(localStorage.getItem(STORED) ?? '{}') as Partial<DeviceChoices>;
    return { ...FIRST, ...stored };
  } catch {
    return FIRST;
  }
}

export function storeChoices(change: Partial<DeviceChoices>): DeviceChoices {
  const choices = { ...storedChoices(), ...change };
  localStorage.setItem(STORED, JSON.stringify(choices));
  return choices;
}
