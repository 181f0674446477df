/** Sends somebody out of the call. */
import { request } from '../../../api/client';

export const kick = (slug: string, identity: string) =>
  request('POST', '/api/rooms/{slug}/participants/{identity}/kick', {
    path: { slug, identity },
  });
