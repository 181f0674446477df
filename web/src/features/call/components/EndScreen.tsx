/** After the call: why it is over, and the way back if there is one. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { Problem, problemText } from '../../../api/problem';
import { Button, LinkButton } from '../../../primitives/Button';
import { Loading, pageStyles, useTitle } from '../../../primitives/Page';
import { Seats } from '../../../primitives/Seats';
import { getMe, SignInLink, useMe } from '../../auth';
import { Brand } from '../../site';
import { tokenStanding } from '../api/tokenStanding';
import type { EndReason } from '../endReason';
import styles from './EndScreen.module.css';

type Ending = EndReason | 'banned' | 'disabled' | 'signedOut' | 'deleted';

export function EndScreen({
  reason,
  failure,
  token,
}: {
  reason: EndReason;
  failure: unknown;
  token: string | null;
}) {
  const standing = useQuery({
    queryKey: ['standing', token],
    queryFn: ({ signal }) => tokenStanding(token ?? '', signal),
    enabled: UNEXPLAINED.includes(reason) && token !== null,
    retry: false,
  });
  const said = standing.data ?? null;
  const signedOut = said === 'signed_out';
  const queryClient = useQueryClient();
  useEffect(() => {
    // Perhaps from another device: the sign-in page must not take the visitor for the user of before.
    if (signedOut) void queryClient.invalidateQueries(getMe);
  }, [signedOut, queryClient]);
  if (standing.isLoading) return <Loading />;
  const known = STANDINGS[said ?? ''] ?? STANDINGS[refusal(failure)];
  if (known) return <Ended ending={known} failure={null} />;
  // Sent out by the server, for a reason that no moderator had: the room is full, say.
  const otherwise = reason === 'removed' && said !== null && said !== 'token_withdrawn';
  if (otherwise) return <Ended ending="refused" failure={new Problem(403, said, '')} />;
  return <Ended ending={reason} failure={failure} />;
}

/** LiveKit says no more of these than that they happened; our own record knows why. */
const UNEXPLAINED: EndReason[] = ['removed', 'ended', 'refused'];
const STANDINGS: Record<string, Ending> = {
  banned: 'banned',
  account_disabled: 'disabled',
  signed_out: 'signedOut',
  room_deleted: 'deleted',
};
const NO_WAY_BACK: Ending[] = ['banned', 'disabled', 'deleted'];
/** Nothing is left to read or to do: after a while one is taken home. */
const OVER: Ending[] = ['left', 'ended'];
const HOME_AFTER_S = 60;

/** What the server said to somebody who tried to come back. */
function refusal(failure: unknown): string {
  if (!(failure instanceof Problem)) return '';
  return failure.code === 'not_found' ? 'room_deleted' : failure.code;
}

function Ended({ ending, failure }: { ending: Ending; failure: unknown }) {
  const { t } = useTranslation();
  const guest = useMe() === null;
  const heading = useRef<HTMLHeadingElement>(null);
  const title = t(`end.${ending}.title`);
  useTitle(title);
  useEffect(() => heading.current?.focus(), []);
  return (
    <>
      <header className={styles.header}>
        <Brand />
      </header>
      <main className={styles.end} data-end-reason={ending}>
        <span className={styles.seats}>
          <Seats taken={0} size={88} />
        </span>
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        <p className={pageStyles.lead}>
          {ending === 'refused' ? problemText(failure) : t(`end.${ending}.text`)}
        </p>
        <div className={styles.ways}>
          {ending === 'signedOut' || (ending === 'refused' && guest) ? <SignInLink /> : null}
          {!NO_WAY_BACK.includes(ending) && (
            <Button
              look={ending === 'signedOut' ? 'outline' : 'primary'}
              onPress={() => location.reload()}
            >
              {ending === 'duplicate' ? t('end.useHere') : t('end.rejoin')}
            </Button>
          )}
          <LinkButton to="/" look="outline">
            {t('common.home')}
          </LinkButton>
        </div>
        {OVER.includes(ending) && <HomeSoon />}
      </main>
    </>
  );
}

/** Counts down to the start page, unless one stays. */
function HomeSoon() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [left, setLeft] = useState<number | null>(HOME_AFTER_S);
  const counting = left !== null;
  useEffect(() => {
    if (!counting) return;
    const timer = setInterval(() => setLeft((now) => now && now - 1), 1_000);
    return () => clearInterval(timer);
  }, [counting]);
  useEffect(() => {
    if (left === 0) void navigate('/');
  }, [left, navigate]);
  if (left === null) return null;
  return (
    <div className={styles.soon}>
      {/* Read once, not every second. */}
      <span className="visually-hidden">{t('end.homeSoon', { seconds: HOME_AFTER_S })}</span>
      <span aria-hidden="true">{t('end.homeSoon', { seconds: left })}</span>
      <Button look="quiet" onPress={() => setLeft(null)}>
        {t('end.stay')}
      </Button>
    </div>
  );
}
