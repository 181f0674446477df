/** Ends the call for everybody. */
import { request } from '../../../api/client';

export const endCall = (slug: string) =>
  request('POST', '/api/rooms/{slug}/end', { path: { slug } });
