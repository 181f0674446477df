/** One audit record as a sentence: who did what to whom, and when. */
import { useTranslation } from 'react-i18next';
import type { AuditRecord } from '../../../api/types';
import { pageStyles } from '../../../primitives/Page';
import { useFormat } from '../../../primitives/useFormat';

export function AuditItem({ record, withRoom }: { record: AuditRecord; withRoom?: boolean }) {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const key = `audit.action.${record.action.replaceAll('.', '_')}`;
  return (
    <li className={pageStyles.item}>
      <div className={pageStyles.itemText}>
        <div className={pageStyles.itemTitle}>
          {i18n.exists(key) ? t(key as 'audit.none') : record.action}
          {record.target && <span className={pageStyles.itemHint}>{record.target}</span>}
        </div>
        <div className={pageStyles.itemHint}>
          {[record.actor.name, format.dateTime(record.at), withRoom && record.room_slug]
            .filter(Boolean)
            .join(' · ')}
        </div>
      </div>
    </li>
  );
}
