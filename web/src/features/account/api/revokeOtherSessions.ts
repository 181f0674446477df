/** Signs every device out but this one. */
import { answer, api } from '../../../api/client';

export const revokeOtherSessions = () => api.POST('/api/auth/sessions/revoke-others').then(answer);
