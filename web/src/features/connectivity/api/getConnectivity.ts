/** Where the media server listens, for the connection panel. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export const getConnectivity = queryOptions({
  queryKey: ['connectivity'],
  queryFn: ({ signal }) => api.GET('/api/connectivity', { signal }).then(answer),
});
