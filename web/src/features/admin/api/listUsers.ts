/** The accounts of the site, a page of them. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';
import type { paths } from '../../../api/schema';
import type { Asked } from '../../../primitives/useList';

export const USERS_EXPORT = '/api/admin/users/export';

export const listUsers = (asked: Asked) =>
  queryOptions({
    queryKey: ['admin', 'users', asked],
    queryFn: ({ signal }) =>
      api
        .GET('/api/users', {
          // What the address has is checked by the server.
          params: { query: asked as paths['/api/users']['get']['parameters']['query'] },
          signal,
        })
        .then(answer),
    placeholderData: (before) => before,
  });
