/** One audit record as a sentence: who did what to whom, what changed, and when. */
import type { AuditRecord } from '../../../api/types';
import { pageStyles } from '../../../primitives/Page';
import { useFormat } from '../../../primitives/useFormat';
import { useAuditWords } from '../hooks/useAuditWords';

export function AuditItem({ record }: { record: AuditRecord }) {
  const format = useFormat();
  const { done, told } = useAuditWords()(record);
  return (
    <li className={pageStyles.item}>
      <div className={pageStyles.itemText}>
        <div className={pageStyles.itemTitle}>
          {done}
          {record.target_name && <span>{record.target_name}</span>}
        </div>
        {told.length > 0 && <div className={pageStyles.itemChange}>{told.join(' · ')}</div>}
        <div className={pageStyles.itemHint}>
          {[record.actor.name, format.dateTime(record.at)].join(' · ')}
        </div>
      </div>
    </li>
  );
}
