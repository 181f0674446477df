/** Keeps a list at its end while its reader is there, and leaves alone who reads further up. */
import { type RefObject, useLayoutEffect, useRef, useState } from 'react';

/** As near as this counts as the end: a line of text. */
const NEAR = 32;

/** `count` is how many items there are, `own` whether the newest is the reader's own. */
export function useStickToEnd(
  list: RefObject<HTMLElement | null>,
  count: number,
  own: boolean,
): { below: number; onScroll: () => void; scroll: () => void } {
  const atEnd = useRef(true);
  const seen = useRef(count);
  const [below, setBelow] = useState(0);
  const scroll = () => {
    const element = list.current;
    if (element) element.scrollTop = element.scrollHeight;
    atEnd.current = true;
    seen.current = count;
    setBelow(0);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new item moves the list.
  useLayoutEffect(() => {
    if (atEnd.current || own) scroll();
    else setBelow(count - seen.current);
  }, [count]);
  return {
    below,
    onScroll: () => {
      const element = list.current;
      if (!element) return;
      const left = element.scrollHeight - element.scrollTop - element.clientHeight;
      atEnd.current = left <= NEAR;
      if (!atEnd.current) return;
      seen.current = count;
      setBelow(0);
    },
    scroll,
  };
}
