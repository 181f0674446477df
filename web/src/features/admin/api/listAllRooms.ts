/** The rooms of the site, a page of them. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';
import type { paths } from '../../../api/schema';
import type { Asked } from '../../../primitives/useList';

export const ROOMS_EXPORT = '/api/admin/rooms/export';

export const listAllRooms = (asked: Asked) =>
  queryOptions({
    queryKey: ['admin', 'rooms', asked],
    queryFn: ({ signal }) =>
      api
        .GET('/api/admin/rooms', {
          // What the address has is checked by the server.
          params: { query: asked as paths['/api/admin/rooms']['get']['parameters']['query'] },
          signal,
        })
        .then(answer),
    placeholderData: (before) => before,
    // Who is inside comes and goes; events tell of one's own rooms only.
    refetchInterval: 10_000,
  });
