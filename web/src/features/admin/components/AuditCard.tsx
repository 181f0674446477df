/** What was done on this site, and by whom. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Card } from '../../../primitives/Page';
import { PagedList } from '../../../primitives/PagedList';
import { AuditItem } from '../../rooms';
import { listAudit } from '../api/listAudit';

export function AuditCard() {
  const { t } = useTranslation();
  const audit = useInfiniteQuery(listAudit);
  return (
    <Card title={t('audit.title')}>
      <PagedList pages={audit} empty={t('audit.none')}>
        {(records) =>
          records.map((record) => <AuditItem key={record.id} record={record} withRoom />)
        }
      </PagedList>
    </Card>
  );
}
