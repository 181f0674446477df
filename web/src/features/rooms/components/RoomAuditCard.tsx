/** What was done in a room, and by whom. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Card } from '../../../primitives/Page';
import { PagedList } from '../../../primitives/PagedList';
import { listRoomAudit } from '../api/listRoomAudit';
import { AuditItem } from './AuditItem';

export function RoomAuditCard({ slug }: { slug: string }) {
  const { t } = useTranslation();
  const audit = useInfiniteQuery(listRoomAudit(slug));
  return (
    <Card title={t('audit.title')}>
      <PagedList pages={audit} empty={t('audit.none')}>
        {(records) => records.map((record) => <AuditItem key={record.id} record={record} />)}
      </PagedList>
    </Card>
  );
}
