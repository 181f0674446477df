/** The invitations to this site. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export const listInvites = queryOptions({
  queryKey: ['admin', 'invites'],
  queryFn: ({ signal }) =>
    api.GET('/api/invites', { params: { query: { limit: 100 } }, signal }).then(answer),
});
