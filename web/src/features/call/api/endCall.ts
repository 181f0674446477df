/** Ends the call for everybody. */
import { answer, api } from '../../../api/client';

export const endCall = (slug: string) =>
  api.POST('/api/rooms/{slug}/end', { params: { path: { slug } } }).then(answer);
