/** Tells the server what this browser found out, and hears what both halves say together. */
import { answer, api } from '../../../api/client';
import type { components } from '../../../api/schema';

export type DoctorFindings = components['schemas']['DoctorFindings'];
export type DoctorVerdict = components['schemas']['DoctorVerdict'];

export const tellDoctorFindings = (token: string, body: DoctorFindings) =>
  api
    .POST('/api/doctor/checks/{token}/findings', { params: { path: { token } }, body })
    .then(answer);
