/** Sends a test and shows what the receiver said. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Webhook } from '../../../api/types';
import { Button } from '../../../primitives/Button';
import { DialogActions } from '../../../primitives/Dialog';
import { Notice } from '../../../primitives/Notice';
import { Failed, Loading, pageStyles } from '../../../primitives/Page';
import { testWebhook } from '../api/testWebhook';
import styles from './Webhooks.module.css';

export function TestWebhook({ of }: { of: Webhook }) {
  const { t } = useTranslation();
  // One for each time that the dialog opens or the button is pressed.
  const test = useQuery({
    queryKey: ['webhook-test', of.id],
    queryFn: () => testWebhook(of.id),
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  const { data } = test;
  return (
    <div className={pageStyles.stack}>
      {test.isFetching && <Loading />}
      {!test.isFetching && test.isError && <Failed error={test.error} />}
      {!test.isFetching && data && (
        <>
          <Notice tone={data.delivered ? 'good' : 'danger'}>
            {data.delivered
              ? t('webhooks.testTaken', { status: data.status, ms: data.duration_ms })
              : t('webhooks.testFailed', { why: data.error })}
          </Notice>
          {data.answer && (
            <section aria-label={t('webhooks.answer')}>
              <h3>{t('webhooks.answer')}</h3>
              <pre className={styles.text}>{data.answer}</pre>
            </section>
          )}
        </>
      )}
      <DialogActions>
        <Button isPending={test.isFetching} onPress={() => void test.refetch()}>
          {t('webhooks.testAgain')}
        </Button>
      </DialogActions>
    </div>
  );
}
