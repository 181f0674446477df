/** The recordings of the site, a page of them; or those whose film does not come further. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';
import type { paths } from '../../../api/schema';
import type { Asked } from '../../../primitives/useList';

export const RECORDINGS_EXPORT = '/api/admin/recordings/export';

export const listAllRecordings = (asked: Asked) =>
  queryOptions({
    queryKey: ['recordings', 'all', asked],
    queryFn: ({ signal }) =>
      api
        .GET('/api/admin/recordings', {
          // What the address has is checked by the server.
          params: { query: asked as paths['/api/admin/recordings']['get']['parameters']['query'] },
          signal,
        })
        .then(answer),
    placeholderData: (before) => before,
  });
