/** What waits to be done in the background, and whether anybody does it. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Badge, Notice } from '../../../primitives/Notice';
import { Card, Empty, Failed, Loading, pageStyles } from '../../../primitives/Page';
import { useFormat } from '../../../primitives/useFormat';
import { listJobs } from '../api/listJobs';

export function JobsCard() {
  const { t } = useTranslation();
  const format = useFormat();
  const overview = useQuery(listJobs);
  if (overview.isPending) return <Loading />;
  const failed = overview.isError && (
    <Failed error={overview.error} retry={() => void overview.refetch()} />
  );
  if (!overview.data) return failed;
  const { working, stuck, open, jobs } = overview.data;
  return (
    <Card
      title={t('system.jobs')}
      lead={t('system.jobsLead')}
      actions={
        <Badge tone={stuck ? 'danger' : 'good'}>{t('system.openJobs', { count: open })}</Badge>
      }
    >
      {failed}
      {!working && <Notice tone="danger">{t('system.notWorking')}</Notice>}
      {stuck && <Notice tone="danger">{t('system.stuck')}</Notice>}
      {jobs.length === 0 && <Empty>{t('system.noJobs')}</Empty>}
      <ul className={pageStyles.list}>
        {jobs.map((job) => (
          <li key={job.id} className={pageStyles.item}>
            <div className={pageStyles.itemText}>
              <div className={pageStyles.itemTitle}>
                <code>{job.name}</code>
                <Badge>{job.status}</Badge>
              </div>
              <div className={pageStyles.itemHint}>
                {[
                  t('system.due', { when: format.dateTime(job.due_at) }),
                  ...(job.attempt > 0 ? [t('system.attempt', { count: job.attempt })] : []),
                  JSON.stringify(job.payload),
                ].join(' · ')}
              </div>
            </div>
          </li>
        ))}
      </ul>
      {open > jobs.length && (
        <p className={pageStyles.itemHint}>{t('system.more', { count: open - jobs.length })}</p>
      )}
    </Card>
  );
}
