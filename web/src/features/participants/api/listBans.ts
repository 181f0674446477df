/** Who may not come back to a room. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export const listBans = (slug: string) =>
  queryOptions({
    queryKey: ['room', slug, 'bans'],
    queryFn: ({ signal }) =>
      api
        .GET('/api/rooms/{slug}/bans', {
          params: { path: { slug }, query: { limit: 100 } },
          signal,
        })
        .then(answer),
  });
