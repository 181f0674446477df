/** What moderators did in a room. */
import { infiniteQueryOptions } from '@tanstack/react-query';
import { request } from '../../../api/client';
import type { AuditRecord, Page } from '../../../api/types';

export const listRoomAudit = (slug: string) =>
  infiniteQueryOptions({
    queryKey: ['room', slug, 'audit'],
    queryFn: ({ signal, pageParam }) =>
      request<Page<AuditRecord>>('GET', '/api/rooms/{slug}/audit', {
        path: { slug },
        query: { limit: 30, cursor: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
