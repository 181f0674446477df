/** Telephone calls: who is on the telephone, a new one, one sent on, one ended. No event tells of them. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';
import type { MakeCall } from '../../../api/types';

const EVERY = 10_000;

export const listCalls = queryOptions({
  queryKey: ['admin', 'sip', 'calls'],
  queryFn: ({ signal }) => api.GET('/api/sip/calls', { signal }).then(answer),
  refetchInterval: EVERY,
});

export const makeCall = (body: MakeCall) => api.POST('/api/sip/calls', { body }).then(answer);

export const transferCall = (room: string, identity: string, to: string) =>
  api.POST('/api/sip/calls/transfer', { body: { room, identity, to } }).then(answer);

export const hangUp = (name: string, identity: string) =>
  api
    .DELETE('/api/livekit/rooms/{name}/participants/{identity}', {
      params: { path: { name, identity } },
    })
    .then(answer);
