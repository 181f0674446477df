/** What a page is told while it is open. */
export const TYPES = [
  'room.updated',
  'room.deleted',
  'meeting.started',
  'meeting.ended',
  'participant.joined',
  'participant.left',
  'participant.updated',
  'hand.changed',
  'media.status',
] as const;
export type EventType = (typeof TYPES)[number];

/** An event of the server; or `again`: events may have been missed; or `refused`: no stream for whoever asked. */
export type Told =
  | { type: EventType; room?: string; room_id?: string }
  | { type: 'again' }
  | { type: 'refused' };

/** What one tab wants to hear: `rooms` beside one's own, as who is signed in (empty: nobody). */
export type Wish = { subject: string; rooms: string[] };
