/** The checks as a list in plain words, with a report to send to whoever runs the server. */

import { useMaybeRoomContext } from '@livekit/components-react';
import type { TFunction } from 'i18next';
import { CircleCheck, CircleDashed, CircleX, LoaderCircle, TriangleAlert } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../../primitives/Button';
import { copyText } from '../../../primitives/copyText';
import { DialogActions } from '../../../primitives/Dialog';
import { Notice } from '../../../primitives/Notice';
import { toast } from '../../../primitives/Toasts';
import { type Checked, conclusion, isFinding, useChecks } from '../hooks/useChecks';
import styles from './Checks.module.css';

const ICONS = {
  good: CircleCheck,
  warn: TriangleAlert,
  bad: CircleX,
  waiting: CircleDashed,
  skipped: CircleDashed,
  running: LoaderCircle,
};

const TONES = { good: 'good', bad: 'danger', partial: 'warn' } as const;

export function ConnectionChecks() {
  const { t } = useTranslation();
  const room = useMaybeRoomContext();
  const { checks, running, run } = useChecks(room);
  useEffect(() => void run(), [run]);
  const all = conclusion(checks);
  const sentence = (check: Checked) => textOf(check, t);
  const report = () =>
    checks
      .map((check) => `${t(`connect.check.${check.name}.title`)}: ${sentence(check)}`)
      .join('\n');
  return (
    <>
      <p className={styles.lead}>{room ? t('connect.leadCall') : t('connect.lead')}</p>
      <ul className={styles.checks}>
        {checks.map((check) => {
          const look = lookOf(check.state);
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
        <Notice tone={TONES[all]}>{t(`connect.all.${all}`)}</Notice>
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

function textOf({ name, state }: Checked, t: TFunction): string {
  if (!isFinding(state)) {
    return typeof state === 'object'
      ? t('connect.skipped', { why: state.skipped })
      : t(`connect.state.${state}`);
  }
  const key = `connect.check.${name}.${state.verdict}` as 'connect.check.media.good';
  return t(key, state.values as { protocol: string });
}

function lookOf(state: Checked['state']): keyof typeof ICONS {
  if (isFinding(state)) return state.verdict;
  return typeof state === 'object' ? 'skipped' : state;
}
