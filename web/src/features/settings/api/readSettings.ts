/** Settings that can be changed while the site runs, and where each comes from. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export const readSettings = queryOptions({
  queryKey: ['admin', 'settings'],
  queryFn: ({ signal }) => api.GET('/api/admin/settings', { signal }).then(answer),
});
