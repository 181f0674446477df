/** Where the media server listens, for the connection panel. */
import { queryOptions } from '@tanstack/react-query';
import { request } from '../../../api/client';
import type { Connectivity } from '../../../api/types';

export const getConnectivity = queryOptions({
  queryKey: ['connectivity'],
  queryFn: ({ signal }) => request<Connectivity>('GET', '/api/connectivity', { signal }),
});
