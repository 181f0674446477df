/** Where the media server listens, for the connection panel. */
import { queryOptions } from '@tanstack/react-query';
import { request } from '../../../api/client';

export const getConnectivity = queryOptions({
  queryKey: ['connectivity'],
  queryFn: ({ signal }) => request('GET', '/api/connectivity', { signal }),
});
