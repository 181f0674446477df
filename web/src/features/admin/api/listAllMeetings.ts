/** The calls that were held on the site, a page of them. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';
import type { paths } from '../../../api/schema';
import type { Asked } from '../../../primitives/useList';

export const MEETINGS_EXPORT = '/api/admin/meetings/export';

export const listAllMeetings = (asked: Asked) =>
  queryOptions({
    queryKey: ['admin', 'meetings', asked],
    queryFn: ({ signal }) =>
      api
        .GET('/api/admin/meetings', {
          // What the address has is checked by the server.
          params: { query: asked as paths['/api/admin/meetings']['get']['parameters']['query'] },
          signal,
        })
        .then(answer),
    placeholderData: (before) => before,
  });
