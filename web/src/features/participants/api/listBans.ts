/** Who may not come back to a room. */
import { queryOptions } from '@tanstack/react-query';
import { request } from '../../../api/client';

export const listBans = (slug: string) =>
  queryOptions({
    queryKey: ['room', slug, 'bans'],
    queryFn: ({ signal }) =>
      request('GET', '/api/rooms/{slug}/bans', {
        path: { slug },
        query: { limit: 100 },
        signal,
      }),
  });
