/** The recordings that came so far, and what is done with several at once. */
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Page, Recording } from '../../../api/types';
import { Button } from '../../../primitives/Button';
import { Checkbox } from '../../../primitives/Field';
import { PagedList } from '../../../primitives/PagedList';
import { inOrder, type Order } from '../order';
import { isGoingOn } from '../state';
import { DeleteRecordingsDialog } from './DeleteRecordingsDialog';
import { RecordingItem } from './RecordingItem';
import styles from './Recordings.module.css';

export type RecordingPages = UseInfiniteQueryResult<InfiniteData<Page<Recording>>>;

export function RecordingItems({
  pages,
  order,
  withRoom,
  empty,
}: {
  pages: RecordingPages;
  order: Order;
  withRoom: boolean;
  empty: string;
}) {
  const { t } = useTranslation();
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const [deleting, setDeleting] = useState(false);
  const shown = pages.data?.pages.flatMap(({ items }) => items) ?? [];
  const deletable = shown.filter(({ rights, state }) => rights.delete && !isGoingOn(state));
  // What was deleted or filtered away since is not chosen any more.
  const selected = deletable.filter(({ id }) => ids.has(id));
  const select = (id: string, on: boolean) => {
    const next = new Set(ids);
    if (on) next.add(id);
    else next.delete(id);
    setIds(next);
  };
  return (
    <>
      {deletable.length > 1 && (
        <div className={styles.bulk}>
          <Checkbox
            label={t('recording.selectAll')}
            showLabel
            isSelected={selected.length === deletable.length}
            isIndeterminate={selected.length > 0 && selected.length < deletable.length}
            onChange={(on) => setIds(new Set(on ? deletable.map(({ id }) => id) : []))}
          />
          {selected.length > 0 && (
            <Button small look="dangerSoft" onPress={() => setDeleting(true)}>
              <Trash2 size={16} aria-hidden="true" />
              {t('recording.deleteMany', { count: selected.length })}
            </Button>
          )}
        </div>
      )}
      <PagedList pages={pages} empty={empty}>
        {(items) =>
          inOrder(items, order).map((recording) => (
            <RecordingItem
              key={recording.id}
              recording={recording}
              withRoom={withRoom}
              selected={ids.has(recording.id)}
              onSelect={(on) => select(recording.id, on)}
            />
          ))
        }
      </PagedList>
      <DeleteRecordingsDialog
        recordings={selected}
        isOpen={deleting}
        onClose={() => setDeleting(false)}
      />
    </>
  );
}
