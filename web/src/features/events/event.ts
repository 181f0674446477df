/** What a page is told while it is open. */
import names from '../../api/events.json';
import type { EventKind } from '../../api/types';

/** Every name that the server's description has. */
export const EVENTS = names as EventKind[];

/** An event of the server; or `again`: events may have been missed; or `refused`: no stream for whoever asked. */
export type Told =
  | { type: EventKind; room?: string; room_id?: string }
  | { type: 'again' }
  | { type: 'refused' };

/** What one tab wants to hear: `rooms` beside one's own, as who is signed in (empty: nobody). */
export type Wish = { subject: string; rooms: string[] };
