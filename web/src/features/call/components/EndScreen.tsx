/** After the call: why it is over, and the way back if there is one. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { problemText } from '../../../api/problem';
import { Button, LinkButton } from '../../../primitives/Button';
import { Loading, pageStyles, useTitle } from '../../../primitives/Page';
import { Brand } from '../../site';
import { tokenStanding } from '../api/tokenStanding';
import type { EndReason } from '../endReason';

type Ending = EndReason | 'banned' | 'disabled';

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
    enabled: reason === 'removed' && token !== null,
    retry: false,
  });
  if (standing.isLoading) return <Loading />;
  const ending = reason === 'removed' ? removedAs(standing.data) : reason;
  return <Ended ending={ending} failure={failure} />;
}

/** LiveKit says "removed" to everybody; our own record knows why. */
function removedAs(standing: string | null | undefined): Ending {
  if (standing === 'banned') return 'banned';
  return standing === 'account_disabled' ? 'disabled' : 'removed';
}

function Ended({ ending, failure }: { ending: Ending; failure: unknown }) {
  const { t } = useTranslation();
  const heading = useRef<HTMLHeadingElement>(null);
  const title = t(`end.${ending}.title`);
  useTitle(title);
  useEffect(() => heading.current?.focus(), []);
  return (
    <main className={`${pageStyles.narrow} ${pageStyles.stack}`} data-end-reason={ending}>
      <Brand />
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      <p className={pageStyles.lead}>
        {ending === 'refused' ? problemText(failure) : t(`end.${ending}.text`)}
      </p>
      <div className={pageStyles.row}>
        {ending !== 'banned' && ending !== 'disabled' && (
          <Button look="primary" onPress={() => location.reload()}>
            {ending === 'duplicate' ? t('end.useHere') : t('end.rejoin')}
          </Button>
        )}
        <LinkButton to="/" look="outline">
          {t('common.home')}
        </LinkButton>
      </div>
    </main>
  );
}
