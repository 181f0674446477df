/** Ends the call for everybody. */
import { request } from '../../../api/client';

export const endCall = (slug: string) =>
  request<void>('POST', '/api/rooms/{slug}/end', { path: { slug } });
