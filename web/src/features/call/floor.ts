/** Who has the floor: whose picture is large while people talk. Time is given to it; it knows no room. */
export type Floor = {
  speaker: string | null;
  /** The loudest who is somebody else, and since when. */
  rival: { identity: string; since: number; patience: number } | null;
};
export const NOBODY: Floor = { speaker: null, rival: null };

/** So long somebody else must be the loudest while the speaker still speaks. */
const INTERRUPTED_MS = 1_500;
/** So long, once the speaker is silent: a cough takes no floor. */
const HANDED_OVER_MS = 600;

/** `voices` are who speaks now, the loudest first, without oneself. */
export function heard(floor: Floor, voices: string[], now: number): Floor {
  const [loudest] = voices;
  if (loudest === undefined || loudest === floor.speaker) {
    return floor.rival ? { ...floor, rival: null } : floor;
  }
  if (floor.speaker === null) return { speaker: loudest, rival: null };
  const patience = voices.includes(floor.speaker) ? INTERRUPTED_MS : HANDED_OVER_MS;
  const since = floor.rival?.identity === loudest ? floor.rival.since : now;
  if (now - since >= patience) return { speaker: loudest, rival: null };
  return { ...floor, rival: { identity: loudest, since, patience } };
}

/** When to look again if nothing else happens. */
export const dueAt = ({ rival }: Floor) => (rival ? rival.since + rival.patience : null);
