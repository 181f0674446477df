/** What both halves of a check say together: the one sentence, and below it each finding. */
import { useTranslation } from 'react-i18next';
import { Badge, type Tone } from '../../../primitives/Notice';
import { pageStyles } from '../../../primitives/Page';
import { useFormat } from '../../../primitives/useFormat';
import type { DoctorCheck, DoctorState } from '../api/listDoctorChecks';
import styles from './Doctor.module.css';

const BADGES: Record<DoctorState, Tone | 'neutral'> = {
  ok: 'good',
  skipped: 'neutral',
  warn: 'warn',
  fail: 'danger',
};
const GRAVE: DoctorState[] = ['fail', 'warn', 'skipped', 'ok'];

export function CheckReport({ check, isOpen }: { check: DoctorCheck; isOpen: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { report } = check;
  const findings = [...report.findings].sort(
    (a, b) => GRAVE.indexOf(a.state) - GRAVE.indexOf(b.state),
  );
  return (
    <li className={pageStyles.item} data-check={check.id}>
      <div className={pageStyles.itemText}>
        <div className={pageStyles.itemTitle}>
          {report.said}{' '}
          <Badge tone={BADGES[report.state]}>{t(`doctor.state.${report.state}`)}</Badge>
        </div>
        {report.what_to_do && <p>{report.what_to_do}</p>}
        <div className={pageStyles.itemHint}>
          {[
            format.dateTime(check.created_at),
            check.created_by,
            check.browser_at === null
              ? t('doctor.noBrowser')
              : t('doctor.browserAt', { when: format.dateTime(check.browser_at) }),
          ].join(' · ')}
        </div>
        <details open={isOpen}>
          <summary>{t('doctor.findings', { count: findings.length })}</summary>
          <ul className={styles.findings}>
            {findings.map(({ check, state, said, what_to_do }) => (
              <li key={`${check} ${said}`} data-finding={check} data-state={state}>
                <Badge tone={BADGES[state]}>{t(`doctor.state.${state}`)}</Badge>
                <div>
                  <strong>{t(`doctor.check.${check}`)}</strong>
                  <p>{said}</p>
                  {what_to_do && <p className={pageStyles.itemHint}>{what_to_do}</p>}
                </div>
              </li>
            ))}
          </ul>
        </details>
        <a href={`/api/admin/doctor/checks/${check.id}/text`} download>
          {t('doctor.download')}
        </a>
      </div>
    </li>
  );
}
