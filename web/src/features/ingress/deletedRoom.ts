/** Knows a stream whose room of ours was deleted: it has the room's id, and no link. */
import type { components } from '../../api/schema';
import { isRoomId } from '../rooms';

type Ingress = components['schemas']['Ingress'];

export const isOfDeletedRoom = ({ link, room }: Pick<Ingress, 'link' | 'room'>) =>
  link === null && isRoomId(room);
