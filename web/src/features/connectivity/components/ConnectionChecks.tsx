/** The checks as a list in plain words, with a report to send to whoever runs the server. */
import { useMaybeRoomContext } from '@livekit/components-react';
import { CircleCheck, CircleDashed, CircleX, LoaderCircle, TriangleAlert } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../../primitives/Button';
import { copyText } from '../../../primitives/copyText';
import { DialogActions } from '../../../primitives/Dialog';
import { Notice } from '../../../primitives/Notice';
import { toast } from '../../../primitives/Toasts';
import { type Checked, useChecks } from '../hooks/useChecks';
import styles from './Checks.module.css';

const ICONS = {
  good: CircleCheck,
  warn: TriangleAlert,
  bad: CircleX,
  waiting: CircleDashed,
  skipped: CircleDashed,
  running: LoaderCircle,
};

export function ConnectionChecks({ slug = null }: { slug?: string | null }) {
  const { t } = useTranslation();
  const room = useMaybeRoomContext();
  const { checks, running, run } = useChecks(slug, room);
  useEffect(() => void run(), [run]);
  const bad = checks.some(({ state }) => typeof state === 'object' && state.verdict === 'bad');
  const sentence = (check: Checked) => textOf(check, t);
  const report = () =>
    checks
      .map((check) => `${t(`connect.check.${check.name}.title`)}: ${sentence(check)}`)
      .join('\n');
  return (
    <>
      <p className={styles.lead}>{t('connect.lead')}</p>
      <ul className={styles.checks}>
        {checks.map((check) => {
          const look = typeof check.state === 'object' ? check.state.verdict : check.state;
          const Icon = ICONS[look];
          return (
            <li key={check.name} data-check={check.name} data-look={look}>
              <Icon size={22} aria-hidden="true" />
              <div>
                <strong>{t(`connect.check.${check.name}.title`)}</strong>
                <span className="visually-hidden"> {t(`connect.state.${look}`)}</span>
                <p>{sentence(check)}</p>
              </div>
            </li>
          );
        })}
      </ul>
      {!running && checks.length > 0 && (
        <Notice tone={bad ? 'danger' : 'good'}>
          {bad ? t('connect.someBad') : t('connect.allGood')}
        </Notice>
      )}
      <DialogActions>
        <Button
          look="outline"
          isDisabled={running}
          onPress={async () => {
            await copyText(`${report()}\n${navigator.userAgent}`);
            toast(t('connect.copied'));
          }}
        >
          {t('connect.copy')}
        </Button>
        <Button isPending={running} onPress={() => void run()}>
          {running ? t('connect.running') : t('connect.again')}
        </Button>
      </DialogActions>
    </>
  );
}

function textOf({ name, state }: Checked, t: ReturnType<typeof useTranslation>['t']): string {
  if (state === 'skipped') return t('connect.skipped');
  if (typeof state !== 'object') return t(`connect.state.${state}`);
  const key = `connect.check.${name}.${state.verdict}` as 'connect.check.media.good';
  return t(key, state.values as { protocol: string });
}
