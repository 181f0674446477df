/** The API keys of this site, a page of them. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';
import type { paths } from '../../../api/schema';
import type { Asked } from '../../../primitives/useList';

export const API_KEYS = ['admin', 'api-keys'];

export const listApiKeys = (asked: Asked) =>
  queryOptions({
    queryKey: [...API_KEYS, asked],
    queryFn: ({ signal }) =>
      api
        .GET('/api/api-keys', {
          // What the address has is checked by the server.
          params: { query: asked as paths['/api/api-keys']['get']['parameters']['query'] },
          signal,
        })
        .then(answer),
    placeholderData: (before) => before,
  });
