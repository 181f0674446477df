/** The trunks, and what is done with each. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Trunk } from '../../../api/types';
import { Button } from '../../../primitives/Button';
import { Confirm, Dialog } from '../../../primitives/Dialog';
import { Badge } from '../../../primitives/Notice';
import { Card, Empty, Failed, Loading } from '../../../primitives/Page';
import { RawDialog } from '../../../primitives/RawDialog';
import { useMay } from '../../auth';
import { deleteTrunk, listTrunks, setTrunkMessage, showTrunkMessage } from '../api/trunks';
import { EntryList } from './EntryList';
import { MessageDialog } from './MessageDialog';
import { TrunkForm } from './TrunkForm';

type Open = { what: 'change' | 'delete' | 'raw'; trunk: Trunk } | { what: 'make' } | null;

export function TrunksCard() {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const administers = useMay('administer');
  const trunks = useQuery(listTrunks);
  const [open, setOpen] = useState<Open>(null);
  const refresh = () => queryClient.invalidateQueries({ queryKey: listTrunks.queryKey });
  const close = () => setOpen(null);
  const hintOf = ({ settings }: Trunk) =>
    settings.kind === 'outbound'
      ? [settings.address, ...settings.numbers]
      : settings.numbers?.length
        ? settings.numbers
        : [t('telephony.anyNumber')];
  return (
    <Card
      title={t('telephony.trunks')}
      lead={t('telephony.trunksLead')}
      actions={
        administers && (
          <Button look="primary" small onPress={() => setOpen({ what: 'make' })}>
            <Plus size={18} aria-hidden="true" />
            {t('telephony.newTrunk')}
          </Button>
        )
      }
    >
      {trunks.isPending && <Loading />}
      {trunks.isError && <Failed error={trunks.error} retry={() => void trunks.refetch()} />}
      {trunks.data?.length === 0 && <Empty>{t('telephony.noTrunks')}</Empty>}
      <EntryList
        entries={(trunks.data ?? []).map((trunk) => ({
          id: trunk.id,
          name: trunk.settings.name || trunk.id,
          badge: <Badge>{t(`telephony.kind.${trunk.settings.kind}`)}</Badge>,
          hint: hintOf(trunk).join(' · '),
          of: trunk,
        }))}
        onChange={administers ? (trunk) => setOpen({ what: 'change', trunk }) : undefined}
        onDelete={administers ? (trunk) => setOpen({ what: 'delete', trunk }) : undefined}
        onRaw={(trunk) => setOpen({ what: 'raw', trunk })}
      />
      <Dialog
        title={open?.what === 'change' ? t('telephony.changeTrunk') : t('telephony.newTrunk')}
        isOpen={open?.what === 'make' || open?.what === 'change'}
        onClose={close}
      >
        <TrunkForm
          of={open?.what === 'change' ? open.trunk : undefined}
          onDone={() => void refresh()}
          onClose={close}
        />
      </Dialog>
      {open?.what === 'raw' &&
        (administers ? (
          <MessageDialog
            title={t('telephony.rawOf', { name: open.trunk.settings.name || open.trunk.id })}
            id={open.trunk.id}
            show={showTrunkMessage}
            set={setTrunkMessage}
            onDone={() => void refresh()}
            onClose={close}
          />
        ) : (
          <RawDialog
            title={open.trunk.settings.name || open.trunk.id}
            value={open.trunk}
            onClose={close}
          />
        ))}
      {open?.what === 'delete' && (
        <Confirm
          isOpen
          title={t('telephony.deleteTitle', { name: open.trunk.settings.name || open.trunk.id })}
          text={t('telephony.deleteTrunkText')}
          action={t('common.delete')}
          onClose={close}
          onConfirm={async () => {
            await deleteTrunk(open.trunk.id);
            await refresh();
          }}
        />
      )}
    </Card>
  );
}
