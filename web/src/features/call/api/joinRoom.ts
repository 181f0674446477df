/** Asks to be let in: the answer is an address and a token for livekit-client. */
import { request } from '../../../api/client';

export const joinRoom = (slug: string, name: string | undefined, signal?: AbortSignal) =>
  request('POST', '/api/rooms/{slug}/join', {
    path: { slug },
    body: name ? { name } : {},
    signal,
  });
