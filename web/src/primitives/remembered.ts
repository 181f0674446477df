/** A choice of the person's that this browser remembers, and that all of the page follows at once. */
import { useSyncExternalStore } from 'react';

export type Remembered<Value> = {
  now: () => Value | undefined;
  /** `undefined` forgets it. */
  choose: (value: Value | undefined) => void;
  use: () => Value | undefined;
};

/** `read` says what a remembered text means; one from another version may mean nothing. */
export function remembered<Value extends string | number>(
  key: string,
  read: (text: string) => Value | undefined,
): Remembered<Value> {
  const watching = new Set<() => void>();
  // It is asked for with every row of a list, and what a text means may take a while to find out.
  let last: { text: string | null; value: Value | undefined } | undefined;
  const now = () => {
    const text = localStorage.getItem(key);
    if (last?.text !== text || !last)
      last = { text, value: text === null ? undefined : read(text) };
    return last.value;
  };
  const watch = (changed: () => void) => {
    watching.add(changed);
    return () => watching.delete(changed);
  };
  return {
    now,
    choose: (value) => {
      if (value === undefined) localStorage.removeItem(key);
      else localStorage.setItem(key, String(value));
      for (const changed of watching) changed();
    },
    use: () => useSyncExternalStore(watch, now),
  };
}
