/** One command: what runs of it, since when, how often it was started again, and why. */
import { useTranslation } from 'react-i18next';
import type { components } from '../../../api/schema';
import { Button } from '../../../primitives/Button';
import { Badge, type Tone } from '../../../primitives/Notice';
import { pageStyles } from '../../../primitives/Page';
import { useFormat } from '../../../primitives/useFormat';

type Command = components['schemas']['KeptCommand'];
type Process = components['schemas']['CommandProcess'];

const TONES: Record<Process['state'], Tone> = {
  starting: 'info',
  running: 'good',
  waiting: 'danger',
  ending: 'warn',
};

export function CommandItem({
  of: command,
  onLog,
  changes,
}: {
  of: Command;
  onLog: () => void;
  /** Left out for those who only look. */
  changes?: { onStart: () => void; onStop: () => void; onScale: () => void };
}) {
  const { t } = useTranslation();
  const { name } = command;
  return (
    <li className={`${pageStyles.item} ${pageStyles.itemWraps}`}>
      <div className={pageStyles.itemText}>
        <div className={pageStyles.itemTitle}>
          {name} {command.stopped && <Badge tone="warn">{t('agents.stopped')}</Badge>}
        </div>
        <div className={pageStyles.itemHint}>
          <code>{command.program}</code>
          {' · '}
          {t('agents.wanted', { count: command.count })}
        </div>
        {command.processes.map((process) => (
          <ProcessLine key={process.number} of={process} />
        ))}
      </div>
      <div className={pageStyles.row}>
        <Button small aria-label={t('agents.logOf', { name })} onPress={onLog}>
          {t('agents.log')}
        </Button>
        {changes && (
          <>
            <Button small aria-label={t('agents.scaleOf', { name })} onPress={changes.onScale}>
              {t('agents.scale')}
            </Button>
            {command.stopped ? (
              <Button small aria-label={t('agents.startOf', { name })} onPress={changes.onStart}>
                {t('agents.start')}
              </Button>
            ) : (
              <Button small aria-label={t('agents.stopOf', { name })} onPress={changes.onStop}>
                {t('agents.stop')}
              </Button>
            )}
          </>
        )}
      </div>
    </li>
  );
}

function ProcessLine({ of: process }: { of: Process }) {
  const { t } = useTranslation();
  const format = useFormat();
  const facts = [
    process.pid === null ? null : t('agents.pid', { pid: process.pid }),
    process.started_at === null
      ? null
      : t('agents.since', { when: format.dateTime(process.started_at) }),
    process.restarts > 0 ? t('agents.restarts', { count: process.restarts }) : null,
    process.last_exit === null ? null : t('agents.lastExit', { how: process.last_exit }),
  ];
  return (
    <div className={pageStyles.itemHint}>
      {t('agents.process', { number: process.number })}{' '}
      <Badge tone={TONES[process.state]}>{t(`agents.processState.${process.state}`)}</Badge>{' '}
      {facts.filter(Boolean).join(' · ')}
    </div>
  );
}
