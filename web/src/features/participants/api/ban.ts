/** Sends somebody out and keeps them out. */
import { request } from '../../../api/client';

export const ban = (slug: string, identity: string, reason: string) =>
  request('POST', '/api/rooms/{slug}/participants/{identity}/ban', {
    path: { slug, identity },
    body: reason ? { reason } : {},
  });
