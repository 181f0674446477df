/** Audit records as sentences: who did what to whom, and when. */
import { useTranslation } from 'react-i18next';
import type { AuditRecord } from '../../../api/types';
import { Empty, pageStyles } from '../../../primitives/Page';
import { useFormat } from '../../../primitives/useFormat';

export function AuditList({ records }: { records: AuditRecord[] }) {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  if (records.length === 0) return <Empty>{t('audit.none')}</Empty>;
  return (
    <ul className={pageStyles.list}>
      {records.map((record) => {
        const key = `audit.action.${record.action.replaceAll('.', '_')}`;
        return (
          <li key={record.id} className={pageStyles.item}>
            <div className={pageStyles.itemText}>
              <div className={pageStyles.itemTitle}>
                {i18n.exists(key) ? t(key as 'audit.none') : record.action}
                {record.target && <span className={pageStyles.itemHint}>{record.target}</span>}
              </div>
              <div className={pageStyles.itemHint}>
                {record.actor.name} · {format.dateTime(record.at)}
                {record.room_slug && ` · ${record.room_slug}`}
              </div>
            </div>
          </li>
        );
      })}
    </ul>
  );
}
