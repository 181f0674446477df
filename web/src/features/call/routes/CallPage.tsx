/** A room's page: the lobby, then the call, then how it ended. */
import { useQuery } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
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

function RoomPage({ slug: first }: { slug: string }) {
  const { t } = useTranslation();
  const [slug, setSlug] = useState(first);
  const session = useCallSession(slug);
  const me = useMe();
  const { state } = session;
  const inCall = state.phase === 'live' || state.phase === 'rejoining';
  // A call keeps to the room's id: its link may be changed meanwhile.
  const key = inCall ? state.join.room.id : slug;
  useEvents(key, inCall || Boolean(me));
  const room = useQuery({
    ...getRoom(key),
    initialData: inCall ? state.join.room : undefined,
    refetchInterval: inCall || me ? false : 10_000,
  });
  useTitle(room.data?.name ?? '');
  const onSlug = useCallback((now: string) => {
    setSlug(now);
    // The router would leave the call for the new address; a reload must find it.
    history.replaceState(history.state, '', `/${now}${location.search}`);
  }, []);
  if (inCall) return <Call session={session} join={state.join} slug={slug} onSlug={onSlug} />;
  if (state.phase === 'ended') {
    const { reason, failure, token } = state;
    return <EndScreen reason={reason} failure={failure} token={token} />;
  }
  if (room.isPending || me === undefined) return <Loading />;
  const missing = room.error instanceof Problem && room.error.status === 404;
  if (!room.data || missing) {
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
