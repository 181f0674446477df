/** Has the server look at itself, and makes a link for a browser on another network; the link is only in this answer. */
import { answer, api } from '../../../api/client';

export const beginDoctorCheck = () => api.POST('/api/admin/doctor/checks').then(answer);
