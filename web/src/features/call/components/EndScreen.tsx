/** After the call: why it is over, and the way back if there is one. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { problemText } from '../../../api/problem';
import { Button, LinkButton } from '../../../primitives/Button';
import { pageStyles, useTitle } from '../../../primitives/Page';
import { getRoom } from '../../rooms';
import { Brand } from '../../site';
import type { EndReason } from '../endReason';

export function EndScreen({
  slug,
  reason,
  failure,
}: {
  slug: string;
  reason: EndReason;
  failure: unknown;
}) {
  const { t } = useTranslation();
  const heading = useRef<HTMLHeadingElement>(null);
  const room = useQuery({
    ...getRoom(slug),
    enabled: reason === 'removed',
    staleTime: 0,
    refetchOnMount: 'always',
  });
  const banned = reason === 'removed' && room.data?.join.reason === 'banned';
  const key = banned ? 'banned' : reason;
  const title = t(`end.${key}.title`);
  useTitle(title);
  useEffect(() => heading.current?.focus(), []);
  return (
    <main className={`${pageStyles.narrow} ${pageStyles.stack}`} data-end-reason={key}>
      <Brand />
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      <p className={pageStyles.lead}>
        {reason === 'refused'
          ? problemText(failure)
          : t(`end.${key as Exclude<typeof key, 'refused'>}.text`)}
      </p>
      <div className={pageStyles.row}>
        {!banned && (
          <Button look="primary" onPress={() => location.reload()}>
            {reason === 'duplicate' ? t('end.useHere') : t('end.rejoin')}
          </Button>
        )}
        <LinkButton to="/" look="outline">
          {t('common.home')}
        </LinkButton>
      </div>
    </main>
  );
}
