/** The recordings that came so far, and what is done with several at once. */
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import { Download, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Page, Recording } from '../../../api/types';
import { Button } from '../../../primitives/Button';
import { Checkbox } from '../../../primitives/Field';
import { pageStyles } from '../../../primitives/Page';
import { PagedList } from '../../../primitives/PagedList';
import { downloadUrl } from '../api/mediaUrl';
import { isDeletable, isDownloadable, isSelectable } from '../state';
import { DeleteRecordingsDialog, MOST_AT_ONCE } from './DeleteRecordingsDialog';
import { RecordingItem } from './RecordingItem';
import styles from './Recordings.module.css';

type RecordingPages = UseInfiniteQueryResult<InfiniteData<Page<Recording>>>;

export function RecordingItems({
  pages,
  withRoom,
  empty,
}: {
  pages: RecordingPages;
  withRoom: boolean;
  empty: string;
}) {
  const { t } = useTranslation();
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const [deleting, setDeleting] = useState(false);
  const shown = pages.data?.pages.flatMap(({ items }) => items) ?? [];
  // As many as the server takes at once.
  const selectable = shown.filter(isSelectable).slice(0, MOST_AT_ONCE);
  // What was deleted or filtered away since is not chosen any more.
  const selected = selectable.filter(({ id }) => ids.has(id));
  const deletable = selected.filter(isDeletable);
  const films = selected.filter(isDownloadable);
  const select = (id: string, on: boolean) => {
    const next = new Set(ids);
    if (on) next.add(id);
    else next.delete(id);
    setIds(next);
  };
  return (
    <>
      {selectable.length > 1 && (
        <div className={styles.bulk}>
          <Checkbox
            label={t('recording.selectAll')}
            showLabel
            isSelected={selected.length === selectable.length}
            isIndeterminate={selected.length > 0 && selected.length < selectable.length}
            onChange={(on) => setIds(new Set(on ? selectable.map(({ id }) => id) : []))}
          />
          <div className={pageStyles.row}>
            {films.length > 0 && (
              <Button small onPress={() => location.assign(downloadUrl(films.map(({ id }) => id)))}>
                <Download size={16} aria-hidden="true" />
                {t('recording.downloadMany', { count: films.length })}
              </Button>
            )}
            {deletable.length > 0 && (
              <Button small look="dangerSoft" onPress={() => setDeleting(true)}>
                <Trash2 size={16} aria-hidden="true" />
                {t('recording.deleteMany', { count: deletable.length })}
              </Button>
            )}
          </div>
        </div>
      )}
      <PagedList pages={pages} empty={empty}>
        {(items) =>
          items.map((recording) => (
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
        recordings={deletable}
        isOpen={deleting}
        onClose={() => setDeleting(false)}
      />
    </>
  );
}
