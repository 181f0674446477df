/** Whether a check's link is good. */
import { answer, api } from '../../../api/client';

export const openDoctorCheck = (token: string) =>
  api.GET('/api/doctor/checks/{token}', { params: { path: { token } } }).then(answer);
