/** What was done on this site, as far as the filters say: a page of it. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';
import type { paths } from '../../../api/schema';
import type { Asked } from '../../../primitives/useList';

export const AUDIT_EXPORT = '/api/admin/audit/export';

export const listAudit = (asked: Asked) =>
  queryOptions({
    queryKey: ['admin', 'audit', asked],
    queryFn: ({ signal }) =>
      api
        .GET('/api/admin/audit', {
          // What the address has is checked by the server.
          params: { query: asked as paths['/api/admin/audit']['get']['parameters']['query'] },
          signal,
        })
        .then(answer),
    placeholderData: (before) => before,
  });
