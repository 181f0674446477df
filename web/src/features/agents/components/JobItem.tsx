/** One job: which agent is where, for whom; and an end to it. */
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { components } from '../../../api/schema';
import { Button } from '../../../primitives/Button';
import { Badge } from '../../../primitives/Notice';
import { pageStyles } from '../../../primitives/Page';
import { useFormat } from '../../../primitives/useFormat';

export function JobItem({
  of,
  onEnd,
}: {
  of: components['schemas']['JobInRoom'];
  /** For those who may end it. */
  onEnd?: (() => void) | undefined;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const name = of.agent_name || t('agents.unnamed');
  return (
    <li className={pageStyles.item}>
      <div className={pageStyles.itemText}>
        <div className={pageStyles.itemTitle}>
          {name}
          {of.worker_id === '' && <Badge tone="warn">{t('agents.workerLost')}</Badge>}
        </div>
        <div className={pageStyles.itemHint}>
          {of.link === null ? of.room : <Link to={`/${of.link}/settings`}>{of.link}</Link>}
          {' · '}
          {[
            of.participant && t('agents.for', { who: of.participant }),
            of.agent_identity,
            t('agents.since', { when: format.dateTime(of.started_at) }),
          ]
            .filter(Boolean)
            .join(' · ')}
        </div>
        <div className={pageStyles.itemHint}>
          <code>{of.id}</code>
        </div>
      </div>
      {onEnd && (
        <Button small aria-label={t('agents.endOf', { name })} onPress={onEnd}>
          {t('agents.end')}
        </Button>
      )}
    </li>
  );
}
