/** What a command's processes said last, the newest first. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Button } from '../../../primitives/Button';
import { DialogActions } from '../../../primitives/Dialog';
import { Empty, Failed, Loading } from '../../../primitives/Page';
import { useFormat } from '../../../primitives/useFormat';
import { readCommandLog } from '../api/readCommandLog';
import styles from './CommandLog.module.css';

export function CommandLog({ name, onClose }: { name: string; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const lines = useQuery(readCommandLog(name));
  return (
    <>
      {lines.isPending && <Loading />}
      {lines.isError && <Failed error={lines.error} retry={() => void lines.refetch()} />}
      {lines.data?.length === 0 && <Empty>{t('agents.noLines')}</Empty>}
      {lines.data && lines.data.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
        <ol className={styles.lines} tabIndex={0} aria-label={t('agents.logOf', { name })}>
          {lines.data.map((line, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two lines may be the same in every word
            <li key={index}>
              <small>
                {t('agents.process', { number: line.process })}{' '}
                <time dateTime={new Date(line.at).toISOString()}>
                  {format.exactDateTime(line.at)}
                </time>
              </small>{' '}
              {line.text}
            </li>
          ))}
        </ol>
      )}
      <DialogActions>
        <Button onPress={onClose}>{t('common.close')}</Button>
      </DialogActions>
    </>
  );
}
