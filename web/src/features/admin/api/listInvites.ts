/** The invitations to this site. */
import { queryOptions } from '@tanstack/react-query';
import { request } from '../../../api/client';
import type { Invite, Page } from '../../../api/types';

export const listInvites = queryOptions({
  queryKey: ['admin', 'invites'],
  queryFn: ({ signal }) =>
    request<Page<Invite>>('GET', '/api/invites', { query: { limit: 100 }, signal }),
});
