/** What was done on this site, as far as the filters say. */
import { infiniteQueryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

/** As the address has them: days of the reader's calendar, the last one whole. */
export type AuditFilters = {
  action?: string;
  user_id?: string;
  room?: string;
  since?: string;
  until?: string;
};

export const listAudit = (filters: AuditFilters) =>
  infiniteQueryOptions({
    queryKey: ['admin', 'audit', filters],
    queryFn: ({ signal, pageParam }) =>
      api
        .GET('/api/admin/audit', {
          params: { query: { ...queryOf(filters), limit: 50, cursor: pageParam } },
          signal,
        })
        .then(answer),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor,
  });

function queryOf({ action, user_id, room, since, until }: AuditFilters) {
  const to = until ? startOf(until) : undefined;
  to?.setDate(to.getDate() + 1);
  return {
    action,
    user_id,
    room,
    from: since ? startOf(since).getTime() : undefined,
    to: to?.getTime(),
  };
}

/** Midnight where the reader is: a date alone would be read as midnight in Greenwich. */
const startOf = (day: string) => new Date(`${day}T00:00`);
