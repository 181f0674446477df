/** The people invited to a room. */
import { queryOptions } from '@tanstack/react-query';
import { request } from '../../../api/client';

export const listMembers = (slug: string) =>
  queryOptions({
    queryKey: ['room', slug, 'members'],
    queryFn: ({ signal }) =>
      request('GET', '/api/rooms/{slug}/members', {
        path: { slug },
        query: { limit: 100 },
        signal,
      }),
  });
