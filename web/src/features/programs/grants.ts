/** What tokens of a key may grant, in the order of the pages. */
import type { components } from '../../api/schema';

export type Grant = components['schemas']['ApiKeyGrant'];

export const GRANTS = [
  'room_join',
  'room_create',
  'room_list',
  'room_admin',
  'room_record',
  'hidden',
  'ingress_admin',
  'sip_admin',
  'sip_call',
  'agent',
] as const satisfies readonly Grant[];

/** What most programs need: LiveKit's own examples do with these. */
export const USUAL: readonly Grant[] = [
  'room_join',
  'room_create',
  'room_list',
  'room_admin',
  'room_record',
];
