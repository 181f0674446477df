// An encoder that speaks RTMP: Debian's ffmpeg with a test picture and a tone.
import { Child } from './child.ts';

const PICTURE = ['-f', 'lavfi', '-i', 'testsrc=size=640x360:rate=20'];
const SOUND = ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=44100'];
// As OBS sends it: two B-frames, a keyframe every two seconds.
const CODECS = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-bf', '2', '-g', '40', '-c:a', 'aac'];

export class Encoder {
  private readonly child: Child;

  private constructor(child: Child) {
    this.child = child;
  }

  static rtmp(url: string, key: string): Encoder {
    const to = ['-t', '300', '-f', 'flv', `${url}/${key}`];
    return new Encoder(new Child('an encoder', 'ffmpeg', ['-v', 'error', '-re', ...PICTURE, ...SOUND, ...CODECS, ...to]));
  }

  /** One that comes again and again until it publishes, as OBS does. */
  static async persistent(url: string, key: string, publishes: () => Promise<boolean>, milliseconds = 40_000): Promise<Encoder> {
    const end = Date.now() + milliseconds;
    for (;;) {
      const encoder = Encoder.rtmp(url, key);
      try {
        await encoder.until('publish', publishes);
        return encoder;
      } catch (error) {
        await encoder.stop();
        if (Date.now() > end) throw error;
      }
    }
  }

  until(what: string, condition: () => Promise<boolean>, milliseconds?: number): Promise<void> {
    return this.child.until(what, condition, milliseconds);
  }

  /** What it said, once it has ended. */
  async ended(): Promise<string> {
    await this.child.exited;
    return this.child.lines.join('');
  }

  async stop(): Promise<void> {
    await this.child.stop();
  }
}
