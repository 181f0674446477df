/** Sends somebody out of the call. */
import { answer, api } from '../../../api/client';

export const kick = (slug: string, identity: string) =>
  api
    .POST('/api/rooms/{slug}/participants/{identity}/kick', {
      params: { path: { slug, identity } },
    })
    .then(answer);
