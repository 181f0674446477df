/** Two short tones for what happens in a call, if somebody wants them; no file is loaded for it. */
import { remembered } from '../../primitives/remembered';
import type { Kind } from './news';

export const sounds = remembered('convoke.sounds', (text) =>
  text === 'on' ? ('on' as const) : undefined,
);

/** In hertz, one after the other. */
const TONES: Record<Exclude<Kind, 'reaction'>, number[]> = {
  joined: [440, 660],
  left: [660, 440],
  hand: [587, 587],
  message: [784],
};
const TONE_S = 0.12;
const LOUDNESS = 0.06;
let context: AudioContext | undefined;

export function sound(kind: Kind): void {
  if (kind === 'reaction' || sounds.now() !== 'on' || !('AudioContext' in window)) return;
  context ??= new AudioContext();
  const begin = context.currentTime + 0.02;
  for (const [i, hertz] of TONES[kind].entries()) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    const at = begin + i * TONE_S * 1.2;
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(LOUDNESS, at + 0.015);
    volume.gain.exponentialRampToValueAtTime(0.001, at + TONE_S);
    tone.connect(volume).connect(context.destination);
    tone.start(at);
    tone.stop(at + TONE_S);
  }
}
