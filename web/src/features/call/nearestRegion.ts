/** Which of the site's regions this page has the shortest way to, by the time that an answer from there takes. */
export type Region = { name: string; ping_url: string | null };

/** The first try opens a connection; those after it measure the way. */
const TRIES = 3;
/** A join does not wait longer; who has not answered by then is far. */
const PATIENCE_MS = 2_000;

type Clock = { now: () => number };

/** `undefined` where there is no choice, or nobody answers. */
export async function nearestRegion(
  regions: Region[],
  ask: (url: string, signal: AbortSignal) => Promise<unknown> = ping,
  clock: Clock = performance,
): Promise<string | undefined> {
  if (regions.length < 2) return undefined;
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const measured = await Promise.all(
    regions.map(async ({ name, ping_url }) => ({
      name,
      took: ping_url === null ? Infinity : await measure(ping_url, ask, clock, signal),
    })),
  );
  const reached = measured.filter(({ took }) => Number.isFinite(took));
  return reached.sort((one, other) => one.took - other.took)[0]?.name;
}

/** The shortest of some tries; as many as there is time for. */
async function measure(
  url: string,
  ask: (url: string, signal: AbortSignal) => Promise<unknown>,
  clock: Clock,
  signal: AbortSignal,
): Promise<number> {
  let shortest = Infinity;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const began = clock.now();
    try {
      await ask(url, signal);
    } catch {
      return shortest;
    }
    shortest = Math.min(shortest, clock.now() - began);
  }
  return shortest;
}

/** What it says is nobody's business: a media server lets no page of others read it. */
const ping = (url: string, signal: AbortSignal) =>
  fetch(url, { mode: 'no-cors', cache: 'no-store', credentials: 'omit', signal });
