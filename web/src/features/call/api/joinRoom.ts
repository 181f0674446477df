/** Asks to be let in: the answer is an address and a token for livekit-client. */
import { answer, api } from '../../../api/client';

export const joinRoom = (
  slug: string,
  name: string | undefined,
  nearest?: string,
  signal?: AbortSignal,
) =>
  api
    .POST('/api/rooms/{slug}/join', {
      params: { path: { slug } },
      body: { ...(name && { name }), ...(nearest && { nearest }) },
      signal,
    })
    .then(answer);
