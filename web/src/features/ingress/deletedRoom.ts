/** Knows a stream whose room of ours was deleted: it has the room's id, and no link. */
import type { components } from '../../api/schema';

type Ingress = components['schemas']['Ingress'];

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const isOfDeletedRoom = ({ link, room }: Pick<Ingress, 'link' | 'room'>) =>
  link === null && ID.test(room);
