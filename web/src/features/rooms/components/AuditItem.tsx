/** One audit record as a sentence: who did what to whom, what changed, and when. */
import { ListFilter } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { AuditRecord } from '../../../api/types';
import { IconButton } from '../../../primitives/Button';
import { pageStyles } from '../../../primitives/Page';
import { useFormat } from '../../../primitives/useFormat';

export function AuditItem({
  record,
  withRoom,
  onActor,
}: {
  record: AuditRecord;
  withRoom?: boolean;
  /** Narrows the list to what the same account did. */
  onActor?: (userId: string) => void;
}) {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  /** The page's word for one of the server's, or what the server says. */
  const word = (group: 'action' | 'field' | 'value', of: string) => {
    const key = `audit.${group}.${of.replaceAll('.', '_')}`;
    return i18n.exists(key) ? t(key as 'audit.none') : of;
  };
  const value = (of: unknown) =>
    of === null || of === '' ? t('audit.value.nothing') : word('value', String(of));
  const { changes = {}, role, source, reason, because, live_room, topic } = record.detail as Detail;
  const told = [
    role && value(role),
    source && value(source),
    reason,
    live_room,
    topic,
    because && value(because),
    ...Object.entries(changes).map(([field, { from, to }]) =>
      t('audit.change', { field: word('field', field), from: value(from), to: value(to) }),
    ),
  ].filter(Boolean);
  return (
    <li className={pageStyles.item}>
      <div className={pageStyles.itemText}>
        <div className={pageStyles.itemTitle}>
          {word('action', record.action)}
          {record.target_name && <span>{record.target_name}</span>}
        </div>
        {told.length > 0 && <div className={pageStyles.itemChange}>{told.join(' · ')}</div>}
        <div className={pageStyles.itemHint}>
          {[record.actor.name, format.dateTime(record.at), withRoom && record.room_slug]
            .filter(Boolean)
            .join(' · ')}
        </div>
      </div>
      {onActor && record.actor.user_id && (
        <IconButton
          small
          look="quiet"
          label={t('audit.filter.only', { name: record.actor.name })}
          onPress={() => record.actor.user_id && onActor(record.actor.user_id)}
        >
          <ListFilter size={16} aria-hidden="true" />
        </IconButton>
      )}
    </li>
  );
}

/** The parts of a record's detail that this page has words for. */
type Detail = {
  changes?: Record<string, { from: unknown; to: unknown }>;
  role?: string;
  source?: string;
  reason?: string;
  /** The name of a room on the media server. */
  live_room?: string;
  topic?: string;
  /** One of the server's words, where a reason is what somebody wrote. */
  because?: string;
};
