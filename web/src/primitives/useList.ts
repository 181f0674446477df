/** What a list shows, as the address has it: search, filters, order and page outlive a reload, the way back, and a link. */
import { useCallback, useMemo } from 'react';
import { useLocation, useSearchParams } from 'react-router';
import { nextOf, startOf } from './days';
import { remembered } from './remembered';

export type Order = { sort: string; direction: 'asc' | 'desc' };
/** What the server is asked for, with the names that it has for them. */
export type Asked = Record<string, string | number | undefined>;

export const SIZES: (20 | 50 | 100)[] = [20, 50, 100];
const USUAL_SIZE = 50;
/** How many rows somebody wants on a page where the address says nothing. */
export const pageSize = remembered('convoke.page-size', (text) =>
  SIZES.find((size) => String(size) === text),
);

export function useList({ filters, order: usual }: { filters: readonly string[]; order: Order }) {
  const [params, setParams] = useSearchParams();
  const location = useLocation();
  const cursor = params.get('cursor') ?? undefined;
  // The pages before this one; who follows a link to the third page was on none of them.
  const trail = cursor === undefined ? [] : trailOf(location.state);
  const sort = params.get('sort');
  const order: Order = sort
    ? { sort, direction: params.get('direction') === 'desc' ? 'desc' : 'asc' }
    : usual;
  const wanted = Number(params.get('size'));
  const usualSize = pageSize.use() ?? USUAL_SIZE;
  const size: number = SIZES.find((rows) => rows === wanted) ?? usualSize;
  const names = filters.join(' ');
  const chosen = useMemo(() => {
    const found: Record<string, string> = {};
    for (const name of names.split(' ')) {
      const text = params.get(name);
      if (text) found[name] = text;
    }
    return found;
  }, [params, names]);

  /** Another list than before begins at its first page. */
  const change = useCallback(
    (texts: Record<string, string | undefined>, replace = false) =>
      setParams(
        (before) => {
          const after = new URLSearchParams(before);
          after.delete('cursor');
          for (const [name, text] of Object.entries(texts)) {
            if (text) after.set(name, text);
            else after.delete(name);
          }
          return after;
        },
        { replace },
      ),
    [setParams],
  );
  const turn = (to: string, pages: string[]) =>
    setParams(
      (before) => {
        const after = new URLSearchParams(before);
        if (to) after.set('cursor', to);
        else after.delete('cursor');
        return after;
      },
      { state: { trail: pages } },
    );
  const asked: Asked = {
    ...chosen,
    sort: sort ? order.sort : undefined,
    direction: sort ? order.direction : undefined,
  };
  return {
    chosen,
    narrowed: Object.keys(chosen).length > 0,
    order,
    size,
    /** The whole list, and this page of it. */
    asked,
    page: { ...asked, limit: size, cursor } as Asked,
    /** Which page this is, where that is known. */
    number: cursor === undefined || trail.length > 0 ? trail.length + 1 : undefined,
    isFirst: cursor === undefined,
    set: (name: string, text: string, replace = false) => change({ [name]: text }, replace),
    clear: () => change(Object.fromEntries(filters.map((name) => [name, undefined]))),
    sortBy: ({ sort, direction }: Order) => change({ sort, direction }),
    resize: (rows: number) => change({ size: rows === usualSize ? undefined : String(rows) }),
    next: (to: string) => turn(to, [...trail, cursor ?? '']),
    previous: () => turn(trail.at(-1) ?? '', trail.slice(0, -1)),
  };
}

export type List = ReturnType<typeof useList>;

function trailOf(state: unknown): string[] {
  const { trail } = (state ?? {}) as { trail?: unknown };
  return Array.isArray(trail) ? trail.map(String) : [];
}

/** The address of the whole list as a file. */
export function exportOf(path: string, asked: Asked, format: 'csv' | 'json'): string {
  const query = new URLSearchParams({ format });
  for (const [name, value] of Object.entries(asked)) {
    if (value !== undefined) query.set(name, String(value));
  }
  return `${path}?${query}`;
}

/** Days of the reader's calendar as moments, the last one whole; the filters of a list are what is left. */
export function momentsOf({ since, until, ...others }: Asked): Asked {
  // What is no day is not left out: the server refuses it, where the whole list would be an answer to another question.
  const moment = (day: string) => startOf(day) ?? day;
  return {
    ...others,
    from: since ? moment(String(since)) : undefined,
    to: until ? moment(nextOf(String(until))) : undefined,
  };
}
