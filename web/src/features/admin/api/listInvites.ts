/** The invitations to this site. */
import { queryOptions } from '@tanstack/react-query';
import { request } from '../../../api/client';

export const listInvites = queryOptions({
  queryKey: ['admin', 'invites'],
  queryFn: ({ signal }) => request('GET', '/api/invites', { query: { limit: 100 }, signal }),
});
