/** The order of the participants list: oneself, raised hands by time, then by name. */
type Listed = {
  isLocal: boolean;
  name?: string;
  identity: string;
  attributes: Readonly<Record<string, string>>;
};

export function byImportance<P extends Listed>(participants: readonly P[]): P[] {
  const hand = (one: P) => Number(one.attributes.hand_raised_at) || Number.MAX_SAFE_INTEGER;
  const name = (one: P) => one.name || one.identity;
  return [...participants].sort(
    (a, b) =>
      Number(b.isLocal) - Number(a.isLocal) || hand(a) - hand(b) || name(a).localeCompare(name(b)),
  );
}
