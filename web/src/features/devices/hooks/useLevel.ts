/** How loud a microphone is, 0 to 1, a few times a second. */
import { useEffect, useState } from 'react';

export function useLevel(track: MediaStreamTrack | undefined): number {
  const [level, setLevel] = useState(0);
  useEffect(() => {
    if (!track) return;
    const context = new AudioContext();
    const source = context.createMediaStreamSource(new MediaStream([track]));
    const analyser = context.createAnalyser();
    analyser.fftSize = 512;
    source.connect(analyser);
    const asleep = wakeAtATouch(context);
    const samples = new Float32Array(analyser.fftSize);
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      setLevel(loudness(samples));
    }, 80);
    return () => {
      clearInterval(timer);
      asleep.abort();
      source.disconnect();
      void context.close();
      setLevel(0);
    };
  }, [track]);
  return level;
}

/** A context made before the page was touched sleeps, in some browsers for good unless it is woken. */
function wakeAtATouch(context: AudioContext): AbortController {
  const awake = new AbortController();
  const wake = () => {
    if (context.state === 'running') awake.abort();
    else void context.resume().catch(() => undefined);
  };
  for (const touch of ['pointerdown', 'keydown'] as const) {
    window.addEventListener(touch, wake, { signal: awake.signal });
  }
  wake();
  return awake;
}

/** Root mean square on a decibel scale: -60 dB is silence, -10 dB fills the meter. */
export function loudness(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const decibels = 10 * Math.log10(sum / samples.length || 1e-12);
  return Math.min(1, Math.max(0, (decibels + 60) / 50));
}
