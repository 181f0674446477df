/** Streams out: what is sent where, how it is doing, and what can be done about it; or why there is none. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Problem, problemText } from '../../../api/problem';
import type { components } from '../../../api/schema';
import { Button } from '../../../primitives/Button';
import { Confirm, Dialog } from '../../../primitives/Dialog';
import { Notice } from '../../../primitives/Notice';
import { Card, Empty, Failed, Loading, pageStyles } from '../../../primitives/Page';
import { RawDialog } from '../../../primitives/RawDialog';
import { useMay } from '../../auth';
import { listEgress } from '../api/listEgress';
import { stopEgress } from '../api/stopEgress';
import { ChangeEgress } from './ChangeEgress';
import { EgressItem } from './EgressItem';
import { NewEgress } from './NewEgress';
import { useTarget } from './useTarget';

type Egress = components['schemas']['Egress'];
type Open = { what: 'new' } | { what: 'change' | 'stop' | 'raw'; egress: Egress };

/** Answers that say what the media server lacks, in words of their own. */
const LACKS = ['not_supported', 'needs_redis', 'no_worker'];

export function EgressCard() {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const administers = useMay('administer');
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const listed = useQuery(listEgress);
  const target = useTarget();
  const refresh = () => queryClient.invalidateQueries({ queryKey: listEgress.queryKey });
  if (listed.isPending) return <Loading />;
  if (!listed.data) {
    const { error } = listed;
    if (error instanceof Problem && LACKS.includes(error.code)) {
      return (
        <Card title={t('egress.title')} lead={t('egress.lead')}>
          <Notice>{problemText(error)}</Notice>
        </Card>
      );
    }
    return <Failed error={error} retry={() => void listed.refetch()} />;
  }
  const { items, has_more } = listed.data;
  return (
    <Card
      title={t('egress.title')}
      lead={t('egress.lead')}
      actions={
        administers && (
          <Button look="primary" small onPress={() => setOpen({ what: 'new' })}>
            <Plus size={18} aria-hidden="true" />
            {t('egress.new')}
          </Button>
        )
      }
    >
      {listed.isError && <Failed error={listed.error} retry={() => void listed.refetch()} />}
      {items.length === 0 && <Empty>{t('egress.none')}</Empty>}
      <ul className={pageStyles.list}>
        {items.map((egress) => (
          <EgressItem
            key={egress.id}
            of={egress}
            administers={administers}
            on={(what) => setOpen({ what, egress })}
          />
        ))}
      </ul>
      {has_more && <Notice>{t('egress.more')}</Notice>}
      <Dialog title={t('egress.new')} isOpen={open?.what === 'new'} onClose={close} wide>
        <NewEgress onMade={() => void refresh()} onClose={close} />
      </Dialog>
      {open?.what === 'change' && (
        <Dialog title={t('egress.change')} isOpen onClose={close} wide>
          <ChangeEgress
            // As it is now: its streams come and go while one looks.
            of={items.find(({ id }) => id === open.egress.id) ?? open.egress}
            onChanged={() => void refresh()}
            onClose={close}
          />
        </Dialog>
      )}
      {open?.what === 'raw' && (
        <RawDialog title={open.egress.id} value={open.egress} onClose={close} />
      )}
      {open?.what === 'stop' && (
        <Confirm
          isOpen
          title={t('egress.stopTitle', {
            what: target(open.egress),
            room: open.egress.link ?? open.egress.room,
          })}
          text={t(open.egress.recording_id ? 'egress.stopRecording' : 'egress.stopText')}
          action={t('egress.stop')}
          onClose={close}
          onConfirm={async () => {
            await stopEgress(open.egress.id);
            await refresh();
          }}
        />
      )}
    </Card>
  );
}
