/** A room's page: the lobby, then the call, then how it ended. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { Problem } from '../../../api/problem';
import { LinkButton } from '../../../primitives/Button';
import { Failed, Loading, pageStyles, useTitle } from '../../../primitives/Page';
import { useMe } from '../../auth';
import { useEvents } from '../../events';
import { getRoom } from '../../rooms';
import { Brand } from '../../site';
import { Call } from '../components/Call';
import { EndScreen } from '../components/EndScreen';
import { Lobby } from '../components/Lobby';
import { useCallSession } from '../hooks/useCallSession';

export function CallPage() {
  const { slug = '' } = useParams();
  return <RoomPage key={slug} slug={slug} />;
}

function RoomPage({ slug }: { slug: string }) {
  const { t } = useTranslation();
  const session = useCallSession(slug);
  const me = useMe();
  const { state } = session;
  const inCall = state.phase === 'live' || state.phase === 'rejoining';
  useEvents(slug, inCall || Boolean(me));
  const room = useQuery({ ...getRoom(slug), refetchInterval: inCall || me ? false : 10_000 });
  useTitle(room.data?.name ?? '');
  if (inCall) return <Call session={session} join={state.join} slug={slug} />;
  if (state.phase === 'ended') {
    return <EndScreen slug={slug} reason={state.reason} failure={state.failure} />;
  }
  if (room.isPending || me === undefined) return <Loading />;
  if (room.isError) {
    const missing = room.error instanceof Problem && room.error.status === 404;
    return (
      <main className={`${pageStyles.narrow} ${pageStyles.stack}`}>
        <Brand />
        {missing ? (
          <>
            <h1>{t('notFound.room')}</h1>
            <p>{t('notFound.roomText')}</p>
          </>
        ) : (
          <Failed error={room.error} retry={() => void room.refetch()} />
        )}
        <LinkButton to="/" look="primary">
          {t('common.home')}
        </LinkButton>
      </main>
    );
  }
  return <Lobby session={session} room={room.data} me={me} />;
}
