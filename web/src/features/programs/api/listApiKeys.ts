/** The API keys of this site, a page of them. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';
import type { components, paths } from '../../../api/schema';
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

/** Every key that holds, for a choice among them: page by page. */
export const listValidApiKeys = queryOptions({
  queryKey: [...API_KEYS, 'valid'],
  queryFn: async ({ signal }) => {
    const keys: components['schemas']['ApiKey'][] = [];
    let cursor: string | undefined;
    do {
      const query = { state: 'valid' as const, limit: 100, cursor };
      const page = await api.GET('/api/api-keys', { params: { query }, signal }).then(answer);
      keys.push(...page.items);
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
    return keys;
  },
});
