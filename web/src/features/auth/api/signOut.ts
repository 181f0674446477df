/** Ends the session of this device. */
import { request } from '../../../api/client';

export const signOut = () => request('POST', '/api/auth/sign-out');
