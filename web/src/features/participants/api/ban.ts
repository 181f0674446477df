/** Sends somebody out and keeps them out. */
import { answer, api } from '../../../api/client';

export const ban = (slug: string, identity: string, reason: string) =>
  api
    .POST('/api/rooms/{slug}/participants/{identity}/ban', {
      params: { path: { slug, identity } },
      body: reason ? { reason } : {},
    })
    .then(answer);
