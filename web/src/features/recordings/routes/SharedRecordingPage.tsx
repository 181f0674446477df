/** A recording for outsiders: whoever has the link sees it, some only with a password. */
import { useQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { Problem } from '../../../api/problem';
import type { SharedFilm } from '../../../api/types';
import { Button } from '../../../primitives/Button';
import { TextField } from '../../../primitives/Field';
import { Form } from '../../../primitives/Form';
import { Failed, Loading, pageStyles, useTitle } from '../../../primitives/Page';
import { useAction } from '../../../primitives/useAction';
import { useFormat } from '../../../primitives/useFormat';
import { getShared } from '../api/getShared';
import { unlockShare } from '../api/unlockShare';
import { Player } from '../components/Player';
import styles from '../components/Recordings.module.css';

export function SharedRecordingPage() {
  const { token = '' } = useParams();
  const { t } = useTranslation();
  const [pass, setPass] = useState<string | null>(null);
  const shared = useQuery(getShared(token, pass));
  useTitle(shared.data?.recording?.title ?? t('share.page'));
  if (shared.isPending) return <Loading />;
  const gone = shared.error instanceof Problem && [401, 403, 404].includes(shared.error.status);
  if (!shared.data || gone) {
    const missing = shared.error instanceof Problem && shared.error.status === 404;
    return (
      <div className={pageStyles.column}>
        <h1>{t(missing ? 'share.missing' : 'share.page')}</h1>
        {missing ? (
          <p>{t('share.missingText')}</p>
        ) : (
          <Failed error={shared.error} retry={() => void shared.refetch()} />
        )}
      </div>
    );
  }
  const { recording } = shared.data;
  return recording === null ? <Locked token={token} onPass={setPass} /> : <Film film={recording} />;
}

function Locked({ token, onPass }: { token: string; onPass: (pass: string) => void }) {
  const { t } = useTranslation();
  const [password, setPassword] = useState('');
  const { run, pending, failure } = useAction(async () =>
    onPass((await unlockShare(token, password)).pass),
  );
  return (
    <div className={`${pageStyles.narrow} ${pageStyles.stack}`}>
      <h1>{t('share.page')}</h1>
      <p className={pageStyles.lead}>{t('share.locked')}</p>
      <Form
        className={pageStyles.stack}
        failure={failure}
        onSubmit={() => void run()}
        actions={
          <Button type="submit" look="primary" isPending={pending}>
            {t('share.unlock')}
          </Button>
        }
      >
        <TextField
          name="password"
          label={t('auth.password')}
          type="password"
          autoComplete="off"
          value={password}
          onChange={setPassword}
          isRequired
        />
      </Form>
    </div>
  );
}

function Film({ film }: { film: SharedFilm }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { title, media_url, started_at, duration_ms, size } = film;
  return (
    <div className={pageStyles.column}>
      <div>
        <h1 className={styles.title}>{title}</h1>
        <p className={pageStyles.lead}>
          {[
            started_at !== null && format.dateTime(started_at),
            duration_ms !== null && format.clock(duration_ms),
          ]
            .filter(Boolean)
            .join(' · ')}
        </p>
      </div>
      <Player
        url={media_url}
        title={title}
        audioOnly={film.audio_only}
        poster={film.poster_url}
        chapters={film.chapters.map(({ at_ms, kind, text }) => ({
          at_ms,
          label: t(`recording.mark.${kind}`, { text }),
        }))}
      />
      {film.may_download && (
        <div>
          <Button onPress={() => location.assign(asFile(media_url))}>
            <Download size={18} aria-hidden="true" />
            {size === null
              ? t('recording.download')
              : t('share.downloadOf', { size: format.bytes(size) })}
          </Button>
        </div>
      )}
    </div>
  );
}

const asFile = (url: string) => `${url}${url.includes('?') ? '&' : '?'}download=1`;
