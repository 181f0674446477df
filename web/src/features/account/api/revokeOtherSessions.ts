/** Signs every device out but this one. */
import { request } from '../../../api/client';

export const revokeOtherSessions = () => request('POST', '/api/auth/sessions/revoke-others');
