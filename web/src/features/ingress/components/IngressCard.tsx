/** Streams in: which there are, how each is doing, how an encoder is set up; or why there are none. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { components } from '../../../api/schema';
import { Button } from '../../../primitives/Button';
import { Confirm, Dialog } from '../../../primitives/Dialog';
import { Notice } from '../../../primitives/Notice';
import { Card, Empty, Failed, Loading, pageStyles } from '../../../primitives/Page';
import { useMay } from '../../auth';
import { deleteIngress } from '../api/deleteIngress';
import { listIngresses } from '../api/listIngresses';
import { EditIngress } from './EditIngress';
import { IngressItem } from './IngressItem';
import { NewIngress } from './NewIngress';
import { SetUp } from './SetUp';

type Ingresses = components['schemas']['Ingresses'];
type Ingress = components['schemas']['Ingress'];

export function IngressCard() {
  const ingresses = useQuery(listIngresses);
  if (ingresses.isPending) return <Loading />;
  const failed = ingresses.isError && (
    <Failed error={ingresses.error} retry={() => void ingresses.refetch()} />
  );
  return ingresses.data ? <Seen {...ingresses.data} failed={failed} /> : failed;
}

function Seen({ supported, rtmp_needs_ffmpeg, items, failed }: Ingresses & { failed: ReactNode }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const administers = useMay('administer');
  const [making, setMaking] = useState(false);
  const [shown, setShown] = useState<Ingress | null>(null);
  const [editing, setEditing] = useState<Ingress | null>(null);
  const [deleting, setDeleting] = useState<Ingress | null>(null);
  const refresh = () => queryClient.invalidateQueries({ queryKey: listIngresses.queryKey });
  return (
    <Card
      title={t('ingress.title')}
      lead={t('ingress.lead')}
      actions={
        administers &&
        supported && (
          <Button look="primary" small onPress={() => setMaking(true)}>
            <Plus size={18} aria-hidden="true" />
            {t('ingress.new')}
          </Button>
        )
      }
    >
      {failed}
      {!supported && <Notice>{t('ingress.notConnected')}</Notice>}
      {supported && items.length === 0 && <Empty>{t('ingress.none')}</Empty>}
      <ul className={pageStyles.list}>
        {items.map((ingress) => (
          <IngressItem
            key={ingress.id}
            of={ingress}
            onShow={administers ? () => setShown(ingress) : undefined}
            onEdit={() => setEditing(ingress)}
            onDelete={() => setDeleting(ingress)}
            onChanged={() => void refresh()}
          />
        ))}
      </ul>
      <Dialog title={t('ingress.new')} isOpen={making} onClose={() => setMaking(false)} wide>
        <NewIngress
          rtmpNeedsFfmpeg={rtmp_needs_ffmpeg}
          onMade={() => void refresh()}
          onClose={() => setMaking(false)}
        />
      </Dialog>
      <Dialog
        title={t('ingress.setUpOf', { name: shown?.name ?? '' })}
        isOpen={shown !== null}
        onClose={() => setShown(null)}
        wide
      >
        {shown && <SetUp of={shown} onClose={() => setShown(null)} />}
      </Dialog>
      <Dialog
        title={t('ingress.editOf', { name: editing?.name ?? '' })}
        isOpen={editing !== null}
        onClose={() => setEditing(null)}
        wide
      >
        {editing && (
          <EditIngress
            of={editing}
            onChanged={() => void refresh()}
            onClose={() => setEditing(null)}
          />
        )}
      </Dialog>
      {deleting && (
        <Confirm
          isOpen
          title={t('ingress.deleteTitle', { name: deleting.name })}
          text={t('ingress.deleteText')}
          action={t('common.delete')}
          onClose={() => setDeleting(null)}
          onConfirm={async () => {
            await deleteIngress(deleting.id);
            await refresh();
          }}
        />
      )}
    </Card>
  );
}
