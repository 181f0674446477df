/** The checks that are kept. No event tells of a browser's half: it is asked for while somebody looks. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';
import type { components } from '../../../api/schema';

export type DoctorCheck = components['schemas']['DoctorCheck'];
export type DoctorState = components['schemas']['DoctorState'];

const EVERY = 3_000;
const SHOWN = 20;

export const listDoctorChecks = queryOptions({
  queryKey: ['admin', 'doctor'],
  queryFn: ({ signal }) =>
    api
      .GET('/api/admin/doctor/checks', { params: { query: { limit: SHOWN } }, signal })
      .then(answer),
  refetchInterval: EVERY,
});
