/** Three quiet tones on one loudspeaker, so that somebody hears which one it is. Resolves when they are over. */
const TONES = [523, 659, 784];
const TONE_S = 0.25;

export async function playTestSound(speaker: string | null): Promise<void> {
  const context = new AudioContext();
  const out = context.createMediaStreamDestination();
  const audio = new Audio();
  try {
    audio.srcObject = out.stream;
    // Not every browser lets a page choose; then it is the system's.
    if (speaker !== null && 'setSinkId' in audio) await audio.setSinkId(speaker);
    await audio.play();
    await context.resume();
    const begin = context.currentTime + 0.05;
    for (const [i, hertz] of TONES.entries()) {
      const tone = context.createOscillator();
      const volume = context.createGain();
      const at = begin + i * TONE_S;
      tone.frequency.value = hertz;
      volume.gain.setValueAtTime(0, at);
      volume.gain.linearRampToValueAtTime(0.2, at + 0.03);
      volume.gain.linearRampToValueAtTime(0, at + TONE_S);
      tone.connect(volume).connect(out);
      tone.start(at);
      tone.stop(at + TONE_S);
    }
    await new Promise((resolve) => setTimeout(resolve, (TONES.length + 1) * TONE_S * 1_000));
  } finally {
    audio.srcObject = null;
    await context.close();
  }
}
