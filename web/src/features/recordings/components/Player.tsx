/** Plays a film: the browser's own controls, how fast, and its chapters. Knows no recording, so that outsiders' pages use it too. */
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../../primitives/Button';
import { Select } from '../../../primitives/Field';
import { Notice } from '../../../primitives/Notice';
import { useFormat } from '../../../primitives/useFormat';
import styles from './Recordings.module.css';

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];

export type Chapter = { at_ms: number; label: string };

export function Player({
  url,
  title,
  audioOnly,
  poster,
  chapters = [],
  from = 0,
  onTime,
}: {
  url: string;
  title: string;
  audioOnly: boolean;
  poster?: string | null;
  chapters?: Chapter[];
  /** Where to begin, in seconds. */
  from?: number;
  /** Told where it is, in seconds. */
  onTime?: (seconds: number) => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const media = useRef<HTMLVideoElement & HTMLAudioElement>(null);
  const [speed, setSpeed] = useState(1);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    if (!media.current) return;
    // The default as well: another source would start at it again.
    media.current.defaultPlaybackRate = speed;
    media.current.playbackRate = speed;
  }, [speed]);
  const retry = () => {
    setFailed(false);
    media.current?.load();
  };
  const seek = (ms: number) => {
    if (!media.current) return;
    media.current.currentTime = ms / 1_000;
    void media.current.play().catch(() => undefined);
  };
  const shared = {
    ref: media,
    src: url,
    controls: true,
    preload: 'metadata',
    'aria-label': title,
    onError: () => setFailed(true),
    onLoadedMetadata: () => {
      if (media.current && from > 0) media.current.currentTime = from;
    },
    onTimeUpdate: () => onTime?.(media.current?.currentTime ?? 0),
  } as const;
  return (
    <div className={styles.player}>
      {audioOnly ? (
        <audio {...shared} className={styles.sound} />
      ) : (
        <video {...shared} className={styles.film} poster={poster ?? undefined} playsInline />
      )}
      {failed && (
        <Notice tone="danger">
          {t('recording.playFailed')}
          <div>
            <Button small onPress={retry}>
              {t('common.retry')}
            </Button>
          </div>
        </Notice>
      )}
      <div className={styles.speed}>
        <Select
          label={t('recording.speed')}
          choices={SPEEDS.map((one) => ({ id: String(one), label: `${format.number(one)}×` }))}
          value={String(speed)}
          onChange={(id) => setSpeed(Number(id))}
        />
      </div>
      {chapters.length > 0 && (
        <section aria-label={t('recording.chapters')}>
          <h2>{t('recording.chapters')}</h2>
          <ol className={styles.chapters}>
            {chapters.map(({ at_ms, label }) => (
              <li key={`${at_ms} ${label}`}>
                <Button look="quiet" small onPress={() => seek(at_ms)}>
                  <span className={styles.at}>{format.clock(at_ms)}</span> {label}
                </Button>
              </li>
            ))}
          </ol>
        </section>
      )}
    </div>
  );
}
