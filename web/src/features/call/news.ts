/** What is news in a call, and which news is one: comings and goings that follow each other are told together. */
export type Kind = 'joined' | 'left' | 'hand' | 'message' | 'reaction';
export type Happening = {
  kind: Kind;
  name: string;
  /** What was written, or the reaction. */
  body?: string;
};
export type News = { id: number; kind: Kind; names: string[]; body: string; at: number };

export const SHOWN_MS = 5_000;
/** So many are named; of the others only how many they are. */
const NAMED = 2;

/** The news after something happened: the same one grown by a name, or a new one. */
export function withHappening(
  last: News | null,
  { kind, name, body = '' }: Happening,
  now: number,
): News {
  const grows = last !== null && last.kind === kind && isMerged(kind) && now - last.at < SHOWN_MS;
  if (!grows) return { id: (last?.id ?? 0) + 1, kind, names: [name], body, at: now };
  // Who joins, leaves and joins again within seconds is one person.
  const names = last.names.includes(name) ? last.names : [...last.names, name];
  return { ...last, names, at: now };
}

export const isMerged = (kind: Kind): kind is 'joined' | 'left' =>
  kind === 'joined' || kind === 'left';

/** Who is named, and how many are not: one more name is better than "1 other". */
export function named(names: string[]): { shown: string[]; others: number } {
  if (names.length <= NAMED + 1) return { shown: names, others: 0 };
  return { shown: names.slice(0, NAMED), others: names.length - NAMED };
}
