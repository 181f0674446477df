/** What an account may do on the whole site, by its role: the server's own table, which it also holds everybody to. */
import table from '../../api/rights.json';
import type { User } from '../../api/types';
import { useMe } from './hooks/useMe';

export type Right = 'see_rooms' | 'moderate_rooms' | 'see_recordings' | 'see_site' | 'administer';

export const may = (role: User['role'], right: Right): boolean =>
  (table[role] as string[]).includes(right);

/** Whether the one who is signed in has a right. */
export function useMay(right: Right): boolean {
  const me = useMe();
  return me ? may(me.role, right) : false;
}
