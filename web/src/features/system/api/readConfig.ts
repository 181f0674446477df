/** The configuration as it is in force. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export const readConfig = queryOptions({
  queryKey: ['admin', 'config'],
  queryFn: ({ signal }) => api.GET('/api/config', { signal }).then(answer),
});
