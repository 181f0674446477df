/** Which of LiveKit's services the media server has. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export const listServices = queryOptions({
  queryKey: ['admin', 'services'],
  queryFn: ({ signal }) => api.GET('/api/livekit/services', { signal }).then(answer),
});
