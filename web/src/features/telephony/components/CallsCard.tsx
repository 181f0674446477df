/** Who is on the telephone; a call is made, sent on or ended here. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Phone } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { PhoneCall } from '../../../api/types';
import { Button } from '../../../primitives/Button';
import { Confirm, Dialog } from '../../../primitives/Dialog';
import { Badge } from '../../../primitives/Notice';
import { Card, Empty, Failed, pageStyles } from '../../../primitives/Page';
import { useFormat } from '../../../primitives/useFormat';
import { useMay } from '../../auth';
import { hangUp, listCalls } from '../api/calls';
import { CallForm } from './CallForm';
import { TransferForm } from './TransferForm';

type Open = { what: 'transfer' | 'end'; call: PhoneCall } | { what: 'make' } | null;

const nameOf = (call: PhoneCall) => call.name || call.number || call.identity;

export function CallsCard() {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const administers = useMay('administer');
  const moderates = useMay('moderate_rooms');
  const calls = useQuery(listCalls);
  const [open, setOpen] = useState<Open>(null);
  const refresh = () => queryClient.invalidateQueries({ queryKey: listCalls.queryKey });
  const close = () => setOpen(null);
  return (
    <Card
      title={t('telephony.calls')}
      lead={t('telephony.callsLead')}
      actions={
        administers && (
          <Button look="primary" small onPress={() => setOpen({ what: 'make' })}>
            <Phone size={18} aria-hidden="true" />
            {t('telephony.call')}
          </Button>
        )
      }
    >
      {calls.isError && <Failed error={calls.error} retry={() => void calls.refetch()} />}
      {calls.data?.length === 0 && <Empty>{t('telephony.noCalls')}</Empty>}
      <ul className={pageStyles.list}>
        {calls.data?.map((call) => (
          <CallItem
            key={`${call.room} ${call.identity}`}
            call={call}
            onTransfer={administers ? () => setOpen({ what: 'transfer', call }) : undefined}
            onEnd={moderates ? () => setOpen({ what: 'end', call }) : undefined}
          />
        ))}
      </ul>
      <Dialog title={t('telephony.call')} isOpen={open?.what === 'make'} onClose={close}>
        <CallForm onDone={() => void refresh()} onClose={close} />
      </Dialog>
      {open?.what === 'transfer' && (
        <Dialog
          title={t('telephony.transferTitle', { name: nameOf(open.call) })}
          isOpen
          onClose={close}
        >
          <TransferForm of={open.call} onDone={() => void refresh()} onClose={close} />
        </Dialog>
      )}
      {open?.what === 'end' && (
        <Confirm
          isOpen
          title={t('telephony.hangUpTitle', { name: nameOf(open.call) })}
          text={t('telephony.hangUpText')}
          action={t('telephony.hangUp')}
          onClose={close}
          onConfirm={async () => {
            await hangUp(open.call.room, open.call.identity);
            await refresh();
          }}
        />
      )}
    </Card>
  );
}

function CallItem({
  call,
  onTransfer,
  onEnd,
}: {
  call: PhoneCall;
  onTransfer?: () => void;
  onEnd?: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const name = nameOf(call);
  return (
    <li className={`${pageStyles.item} ${pageStyles.itemWraps}`}>
      <div className={pageStyles.itemText}>
        <div className={pageStyles.itemTitle}>
          {name}
          {call.status && (
            <Badge tone={call.status === 'active' ? 'good' : 'neutral'}>{call.status}</Badge>
          )}
        </div>
        <div className={pageStyles.itemHint}>
          {[
            ...(call.number && call.number !== name ? [call.number] : []),
            call.rule_id ? t('telephony.cameIn') : t('telephony.wentOut'),
            t('agents.since', { when: format.dateTime(call.since) }),
          ].join(' · ')}
          {' · '}
          <Link to={`/admin/live/${encodeURIComponent(call.room)}`}>{call.link ?? call.room}</Link>
        </div>
      </div>
      {onTransfer && (
        <Button small aria-label={t('telephony.transferTitle', { name })} onPress={onTransfer}>
          {t('telephony.transfer')}
        </Button>
      )}
      {onEnd && (
        <Button small aria-label={t('telephony.hangUpOf', { name })} onPress={onEnd}>
          {t('telephony.hangUp')}
        </Button>
      )}
    </li>
  );
}
