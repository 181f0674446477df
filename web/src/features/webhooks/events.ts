/** The types of events that can be chosen: whole groups, and each by its name. */
import types from '../../api/webhooks.json';

/** `recording` to `recording.started`, `recording.stopped` and so on. */
export const GROUPS: ReadonlyMap<string, readonly string[]> = new Map(
  types.map((type) => {
    const group = type.split('.')[0] ?? type;
    return [group, types.filter((other) => other.startsWith(`${group}.`))];
  }),
);

/** The chosen words after a group is chosen whole or not at all. */
export function withGroup(chosen: readonly string[], group: string, on: boolean): string[] {
  const others = chosen.filter((word) => word.split('.')[0] !== group);
  return on ? [...others, `${group}.*`] : others;
}

/** The chosen words after one type of a group is chosen or not. */
export function withType(chosen: readonly string[], type: string, on: boolean): string[] {
  const group = type.split('.')[0] ?? type;
  const all = GROUPS.get(group) ?? [];
  const before = chosen.includes(`${group}.*`) ? all : all.filter((one) => chosen.includes(one));
  const after = all.filter((one) => (one === type ? on : before.includes(one)));
  const others = chosen.filter((word) => word.split('.')[0] !== group);
  return [...others, ...(after.length === all.length ? [`${group}.*`] : after)];
}
