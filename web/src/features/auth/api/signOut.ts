/** Ends the session of this device. */
import { request } from '../../../api/client';

export const signOut = () => request<void>('POST', '/api/auth/sign-out');
