/** One recording: the film, what is known of it, and what can be done with it. */
import { useQuery } from '@tanstack/react-query';
import { Download, Share2 } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useParams } from 'react-router';
import { Problem } from '../../../api/problem';
import type { Recording } from '../../../api/types';
import { Button } from '../../../primitives/Button';
import { Card, Failed, Loading, pageStyles, useTitle } from '../../../primitives/Page';
import { useFormat } from '../../../primitives/useFormat';
import { RequireUser } from '../../auth';
import { useEvents } from '../../events';
import { getRecording } from '../api/getRecording';
import { getTimeline } from '../api/getTimeline';
import { downloadUrl, mediaUrl, posterUrl, previewUrl, tracksUrl } from '../api/mediaUrl';
import { ChangeRecordingDialog } from '../components/ChangeRecordingDialog';
import { DeleteRecordingsDialog } from '../components/DeleteRecordingsDialog';
import { Player } from '../components/Player';
import { RecordingStatus, StateBadge } from '../components/RecordingStatus';
import styles from '../components/Recordings.module.css';
import { ShareDialog } from '../components/ShareDialog';
import { StopRecordingDialog } from '../components/StopRecordingDialog';
import { isGoingOn } from '../state';

export function RecordingPage() {
  const { id = '' } = useParams();
  return (
    <RequireUser>
      <RecordingView key={id} id={id} />
    </RequireUser>
  );
}

function RecordingView({ id }: { id: string }) {
  const { t } = useTranslation();
  const recording = useQuery(getRecording(id));
  useEvents();
  useTitle(recording.data?.title ?? '');
  if (recording.isPending) return <Loading />;
  const missing = recording.error instanceof Problem && recording.error.status === 404;
  return (
    <div className={pageStyles.column}>
      <Link to="/recordings">{t('recording.backToList')}</Link>
      {recording.data && !missing ? (
        <Found recording={recording.data} />
      ) : (
        <>
          {missing && <h1>{t('recording.missing')}</h1>}
          {missing ? (
            <p>{t('recording.missingText')}</p>
          ) : (
            <Failed error={recording.error} retry={() => void recording.refetch()} />
          )}
        </>
      )}
    </div>
  );
}

type Asked = 'share' | 'change' | 'delete' | 'stop';

function Found({ recording }: { recording: Recording }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [asked, setAsked] = useState<Asked | null>(null);
  // Who watches the first version goes on in the film where they were.
  const seen = useRef(0);
  const { id, title, state, rights, room } = recording;
  const goesOn = isGoingOn(state);
  const close = () => setAsked(null);
  return (
    <>
      <div className={pageStyles.cardHead}>
        <h1 className={styles.title}>{title}</h1>
        <StateBadge state={state} />
      </div>
      <RecordingStatus recording={recording} />
      {state === 'completed' && <Film recording={recording} from={seen.current} />}
      {recording.has_preview && (
        <Player
          url={previewUrl(id)}
          title={title}
          audioOnly={recording.audio_only}
          onTime={(seconds) => {
            seen.current = seconds;
          }}
        />
      )}
      <div className={pageStyles.row}>
        {goesOn && rights.stop && (
          <Button look="danger" isDisabled={state === 'stopping'} onPress={() => setAsked('stop')}>
            {t('recording.stop')}
          </Button>
        )}
        {state === 'completed' && rights.download && (
          <Button onPress={() => location.assign(downloadUrl([id]))}>
            <Download size={18} aria-hidden="true" />
            {t('recording.download')}
          </Button>
        )}
        {recording.tracks_until !== null && rights.download && (
          <Button onPress={() => location.assign(tracksUrl(id))}>
            <Download size={18} aria-hidden="true" />
            {t('recording.tracks')}
          </Button>
        )}
        {state === 'completed' && rights.share && (
          <Button onPress={() => setAsked('share')}>
            <Share2 size={18} aria-hidden="true" />
            {t('share.open')}
          </Button>
        )}
        {rights.change && (
          <Button onPress={() => setAsked('change')}>{t('recording.change')}</Button>
        )}
        {rights.delete && !goesOn && (
          <Button look="dangerSoft" onPress={() => setAsked('delete')}>
            {t('common.delete')}
          </Button>
        )}
      </div>
      <Facts recording={recording} />
      {asked === 'share' && <ShareDialog recording={recording} onClose={close} />}
      {asked === 'change' && <ChangeRecordingDialog recording={recording} onClose={close} />}
      <DeleteRecordingsDialog
        recordings={[recording]}
        isOpen={asked === 'delete'}
        onClose={close}
        onDeleted={() => void navigate('/recordings')}
      />
      <StopRecordingDialog id={id} room={room.id} isOpen={asked === 'stop'} onClose={close} />
    </>
  );
}

function Film({
  recording: { id, title, audio_only, has_poster },
  from,
}: {
  recording: Recording;
  from: number;
}) {
  const { t } = useTranslation();
  // The film plays without them as well.
  const chapters = useQuery(getTimeline(id)).data?.chapters ?? [];
  return (
    <Player
      url={mediaUrl(id)}
      title={title}
      audioOnly={audio_only}
      poster={has_poster ? posterUrl(id) : null}
      from={from}
      chapters={chapters.map(({ at_ms, kind, text }) => ({
        at_ms,
        label: t(`recording.mark.${kind}`, { text }),
      }))}
    />
  );
}

function Facts({ recording }: { recording: Recording }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { room, started_by, started_at, requested_at, duration_ms, size, keep_until } = recording;
  const facts = [
    {
      label: t('recording.room'),
      value: room.deleted ? (
        t('recording.deletedRoom', { name: room.name })
      ) : (
        <Link to={`/${room.slug}/settings/recordings`}>{room.name}</Link>
      ),
    },
    { label: t('recording.date'), value: format.dateTime(started_at ?? requested_at) },
    { label: t('recording.starter'), value: started_by?.name ?? t('recording.byProgram') },
    {
      label: t('recording.picture'),
      value: recording.audio_only
        ? t('recording.audioOnly')
        : t(`recording.layout.${recording.layout}`),
    },
    duration_ms !== null && { label: t('recording.length'), value: format.clock(duration_ms) },
    size !== null && { label: t('recording.size'), value: format.bytes(size) },
    {
      label: t('recording.keepUntil'),
      value: keep_until === null ? t('recording.forEver') : format.dateTime(keep_until),
    },
  ].filter((fact) => fact !== false);
  return (
    <Card title={t('recording.about')}>
      <dl className={pageStyles.facts}>
        {facts.map(({ label, value }) => (
          <div key={label} className={styles.fact}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
