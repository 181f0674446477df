/** The people invited to a room. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export const listMembers = (slug: string) =>
  queryOptions({
    queryKey: ['room', slug, 'members'],
    queryFn: ({ signal }) =>
      api
        .GET('/api/rooms/{slug}/members', {
          params: { path: { slug }, query: { limit: 100 } },
          signal,
        })
        .then(answer),
  });
