/** Upon whom somebody may act in a call, as the server judges it: nobody acts upon the owner, upon moderators only who runs the room. */
import { useQuery } from '@tanstack/react-query';
import type { RoomRole } from '../../../api/types';
import { followParticipants } from '../api/listParticipants';

export const actsOn = (role: RoomRole | undefined, runs: boolean) =>
  role !== 'owner' && (runs || role !== 'moderator');

/** Null for who does not moderate. */
export function useActsOn(
  room: string,
  moderator: boolean,
  runs: boolean,
): ((identity: string) => boolean) | null {
  const known = useQuery({
    ...followParticipants(room),
    enabled: moderator,
  }).data?.items;
  if (!moderator) return null;
  return (identity) => {
    const record = known?.find((one) => one.identity === identity);
    return record !== undefined && actsOn(record.role, runs);
  };
}
