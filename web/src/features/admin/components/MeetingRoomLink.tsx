/** The room that a call was held in; one that was deleted has no page any more. */
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { SiteMeeting } from '../../../api/types';
import { Badge } from '../../../primitives/Notice';

export function MeetingRoomLink({ room }: { room: SiteMeeting['room'] }) {
  const { t } = useTranslation();
  if (!room.deleted) return <Link to={`/${room.slug}/settings`}>{room.name}</Link>;
  return (
    <>
      {room.name} <Badge>{t('list.deleted')}</Badge>
    </>
  );
}
