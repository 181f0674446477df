/** One worker: who it is, how busy, since when; and an end to its new jobs. */
import { useTranslation } from 'react-i18next';
import type { components } from '../../../api/schema';
import { Button } from '../../../primitives/Button';
import { Badge, type Tone } from '../../../primitives/Notice';
import { pageStyles } from '../../../primitives/Page';
import { useFormat } from '../../../primitives/useFormat';

type Worker = components['schemas']['AgentWorker'];

const TONES: Record<Worker['status'], Tone | 'neutral'> = {
  available: 'good',
  full: 'warn',
  draining: 'neutral',
};

export function WorkerItem({
  of,
  onDrain,
}: {
  of: Worker;
  /** For those who may drain it. */
  onDrain?: (() => void) | undefined;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const name = of.agent_name || t('agents.unnamed');
  return (
    <li className={pageStyles.item}>
      <div className={pageStyles.itemText}>
        <div className={pageStyles.itemTitle}>
          {name}
          <Badge tone={TONES[of.status]}>{t(`agents.status.${of.status}`)}</Badge>
        </div>
        <div className={pageStyles.itemHint}>
          {[
            t(`agents.type.${of.job_type}`),
            t('agents.load', { load: format.percent(of.load) }),
            t('agents.jobCount', { count: of.jobs }),
            of.deployment,
          ]
            .filter(Boolean)
            .join(' · ')}
        </div>
        <div className={pageStyles.itemHint}>
          <code>{of.id}</code>
          {' · '}
          {[
            of.version && t('agents.version', { version: of.version }),
            of.address,
            of.subject,
            t('agents.since', { when: format.dateTime(of.since) }),
          ]
            .filter(Boolean)
            .join(' · ')}
        </div>
      </div>
      {onDrain && of.status !== 'draining' && (
        <Button small aria-label={t('agents.drainOf', { name })} onPress={onDrain}>
          {t('agents.drain')}
        </Button>
      )}
    </li>
  );
}
