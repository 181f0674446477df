/** How a meeting went for one person; the room's latest meeting where none is named. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export const getPersonQuality = (slug: string, identity: string, meeting?: string) =>
  queryOptions({
    queryKey: ['room', slug, 'quality', identity, meeting ?? ''],
    queryFn: ({ signal }) =>
      api
        .GET('/api/rooms/{slug}/quality', {
          params: { path: { slug }, query: { identity, meeting } },
          signal,
        })
        .then(answer),
    refetchInterval: 15_000,
  });
