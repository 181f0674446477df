/** A list that comes in pages: loading, failure, emptiness and "show more" in one place. */
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Page } from '../api/types';
import { Button } from './Button';
import { Empty, Failed, Loading, pageStyles } from './Page';

export function PagedList<T>({
  pages,
  empty,
  children,
}: {
  pages: UseInfiniteQueryResult<InfiniteData<Page<T>>>;
  empty: string;
  children: (items: T[]) => ReactNode;
}) {
  const { t } = useTranslation();
  const items = pages.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      {pages.isPending && <Loading />}
      {pages.isError && <Failed error={pages.error} retry={() => void pages.refetch()} />}
      {pages.isSuccess && items.length === 0 && <Empty>{empty}</Empty>}
      {items.length > 0 && <ul className={pageStyles.list}>{children(items)}</ul>}
      {pages.hasNextPage && (
        <Button isPending={pages.isFetchingNextPage} onPress={() => void pages.fetchNextPage()}>
          {t('common.more')}
        </Button>
      )}
    </>
  );
}
