/** The doctor: has the server look at itself, offers a link for another network, and shows what both halves say. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { queryClient } from '../../../api/queryClient';
import { Button } from '../../../primitives/Button';
import { Notice } from '../../../primitives/Notice';
import { Card, Empty, Failed, Loading, pageStyles } from '../../../primitives/Page';
import { useAction } from '../../../primitives/useAction';
import { may, useMe } from '../../auth';
import { beginDoctorCheck } from '../api/beginDoctorCheck';
import { type DoctorCheck, listDoctorChecks } from '../api/listDoctorChecks';
import { CheckLink } from './CheckLink';
import { CheckReport } from './CheckReport';

export function DoctorCard() {
  const { t } = useTranslation();
  const me = useMe();
  const checks = useQuery(listDoctorChecks);
  const [made, setMade] = useState<DoctorCheck | null>(null);
  const { run, pending, failure } = useAction(async () => {
    setMade(await beginDoctorCheck());
    await queryClient.invalidateQueries({ queryKey: listDoctorChecks.queryKey });
  });
  if (checks.isPending) return <Loading />;
  const items = checks.data?.items ?? [];
  const waits = made && items.every(({ id, browser_at }) => id !== made.id || browser_at === null);
  return (
    <Card
      title={t('doctor.title')}
      lead={t('doctor.lead')}
      actions={
        me && may(me.role, 'administer') ? (
          <Button look="primary" isPending={pending} onPress={() => void run()}>
            {t('doctor.begin')}
          </Button>
        ) : undefined
      }
    >
      {checks.isError && <Failed error={checks.error} retry={() => void checks.refetch()} />}
      {pending && <Notice>{t('doctor.looking')}</Notice>}
      {failure !== null && <Failed error={failure} />}
      {waits && made.url && <CheckLink url={made.url} />}
      {items.length === 0 && <Empty>{t('doctor.none')}</Empty>}
      <ul className={pageStyles.list}>
        {items.map((check, place) => (
          <CheckReport key={check.id} check={check} isOpen={place === 0} />
        ))}
      </ul>
    </Card>
  );
}
