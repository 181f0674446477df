/** Gets a throw-away room that nobody sees. */
import { answer, api } from '../../../api/client';

export const startDoctorRun = (token: string) =>
  api.POST('/api/doctor/checks/{token}/runs', { params: { path: { token } } }).then(answer);
