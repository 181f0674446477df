/** Telephony: whether the media server has it and what is missing; trunks, rules and calls where it has. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Badge, Notice } from '../../../primitives/Notice';
import { Card, Failed, Loading } from '../../../primitives/Page';
import { listServices } from '../api/listServices';
import { CallsCard } from './CallsCard';
import { RulesCard } from './RulesCard';
import { TrunksCard } from './TrunksCard';

export function TelephonyCard() {
  const { t } = useTranslation();
  const services = useQuery(listServices);
  if (services.isPending) return <Loading />;
  const failed = services.isError && (
    <Failed error={services.error} retry={() => void services.refetch()} />
  );
  if (!services.data) return failed;
  const state = services.data.find(({ service }) => service === 'sip')?.state ?? 'not_supported';
  const answers = state === 'ready' || state === 'no_worker';
  return (
    <>
      <Card
        title={t('telephony.title')}
        lead={t('telephony.lead')}
        actions={
          <Badge tone={state === 'ready' ? 'good' : 'warn'}>{t(`telephony.state.${state}`)}</Badge>
        }
      >
        {failed}
        {state !== 'ready' && <Notice>{t(`telephony.todo.${state}`)}</Notice>}
      </Card>
      {answers && (
        <>
          <CallsCard />
          <TrunksCard />
          <RulesCard />
        </>
      )}
    </>
  );
}
