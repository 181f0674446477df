/** The browser's half of a check: whoever has its link runs it, without an account. */
import { CircleCheck, CircleDashed, CircleX, LoaderCircle } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { Problem } from '../../../api/problem';
import { Button } from '../../../primitives/Button';
import { DialogActions } from '../../../primitives/Dialog';
import { Notice } from '../../../primitives/Notice';
import { Failed, pageStyles, useTitle } from '../../../primitives/Page';
import { saveText } from '../../../primitives/saveText';
import styles from '../components/Doctor.module.css';
import { TONES } from '../components/tones';
import { useDoctorRun } from '../hooks/useDoctorRun';
import { type Tried, WAYS, type Way } from '../ways';

const LOOKS = {
  reached: 'good',
  blocked: 'bad',
  not_offered: 'skipped',
  skipped: 'skipped',
} as const;
const ICONS = {
  good: CircleCheck,
  bad: CircleX,
  skipped: CircleDashed,
  waiting: CircleDashed,
  running: LoaderCircle,
};

export function DoctorPage() {
  const { token = '' } = useParams();
  const { t } = useTranslation();
  const { tried, now, verdict, error, again } = useDoctorRun(token);
  useTitle(t('doctor.page'));
  const missing = error instanceof Problem && error.status === 404;
  return (
    <div className={pageStyles.column} style={{ maxWidth: '42rem' }}>
      <h1>{t(missing ? 'doctor.missing' : 'doctor.page')}</h1>
      <section className={pageStyles.card} aria-label={t('doctor.page')}>
        <p className={pageStyles.lead}>{t(missing ? 'doctor.missingText' : 'doctor.pageLead')}</p>
        {!missing && (
          <ul className={styles.ways}>
            {WAYS.map((way) => (
              <OneWay
                key={way}
                way={way}
                tried={tried.find((one) => one.way === way)}
                running={now === way}
              />
            ))}
          </ul>
        )}
        {now === 'measure' && <p role="status">{t('doctor.measuring')}</p>}
        {verdict && (
          <Notice tone={TONES[verdict.state]}>
            <p>{verdict.said}</p>
            {verdict.what_to_do && <p>{verdict.what_to_do}</p>}
          </Notice>
        )}
        {error !== null && !missing && <Failed error={error} />}
        {(verdict || (error !== null && !missing)) && (
          <DialogActions>
            {verdict && (
              <Button look="outline" onPress={() => saveText('convoke-doctor.txt', verdict.text)}>
                {t('doctor.download')}
              </Button>
            )}
            <Button onPress={again}>{t('doctor.again')}</Button>
          </DialogActions>
        )}
      </section>
    </div>
  );
}

function OneWay({ way, tried, running }: { way: Way; tried?: Tried; running: boolean }) {
  const { t } = useTranslation();
  const look = running ? 'running' : tried ? LOOKS[tried.outcome] : 'waiting';
  const Icon = ICONS[look];
  const facts = tried && [
    t(`doctor.outcome.${tried.outcome}`),
    tried.at,
    tried.outcome === 'reached' &&
      tried.took_ms !== null &&
      t('doctor.took', { ms: tried.took_ms }),
  ];
  return (
    <li data-way={way} data-look={look}>
      <Icon size={22} aria-hidden="true" />
      <div>
        <strong>{t(`doctor.way.${way}`)}</strong>
        <p>
          {facts
            ? facts.filter(Boolean).join(' · ')
            : t(running ? 'doctor.running' : 'doctor.waiting')}
        </p>
      </div>
    </li>
  );
}
