/** Ends the session of this device. */
import { answer, api } from '../../../api/client';

export const signOut = () => api.POST('/api/auth/sign-out').then(answer);
