// Chance that can be repeated: the same seed makes the same choices.

export class Chance {
  readonly seed: number;
  private state: number;

  constructor(seed: number) {
    this.seed = seed;
    this.state = (seed % 2_147_483_646) + 1;
  }

  /** From the environment's SEED: `make chaos` has a new one each time, everybody else the same. */
  static ofRun(): Chance {
    return new Chance(Number(process.env.SEED ?? 1));
  }

  /** At least 0, below 1. */
  next(): number {
    this.state = (this.state * 48_271) % 2_147_483_647;
    return this.state / 2_147_483_647;
  }

  between(least: number, most: number): number {
    return least + (most - least) * this.next();
  }

  oneOf<T>(all: readonly T[]): T {
    const chosen = all[Math.floor(this.next() * all.length)];
    if (chosen === undefined) throw new Error('nothing to choose from');
    return chosen;
  }
}
