/** The invitations to this site, a page of them. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';
import type { paths } from '../../../api/schema';
import type { Asked } from '../../../primitives/useList';

export const listInvites = (asked: Asked) =>
  queryOptions({
    queryKey: ['admin', 'invites', asked],
    queryFn: ({ signal }) =>
      api
        .GET('/api/invites', {
          params: { query: asked as paths['/api/invites']['get']['parameters']['query'] },
          signal,
        })
        .then(answer),
    placeholderData: (before) => before,
  });
