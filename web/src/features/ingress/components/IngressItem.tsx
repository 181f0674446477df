/** One ingress in the list: where it leads, how it is doing, and what can be done with it. */
import { Ellipsis } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { problemText } from '../../../api/problem';
import type { components } from '../../../api/schema';
import { Button, IconButton } from '../../../primitives/Button';
import { Menu } from '../../../primitives/Menu';
import { Badge, type Tone } from '../../../primitives/Notice';
import { pageStyles } from '../../../primitives/Page';
import { toast } from '../../../primitives/Toasts';
import { useFormat } from '../../../primitives/useFormat';
import { updateIngress } from '../api/updateIngress';
import { isOfDeletedRoom } from '../deletedRoom';

type Ingress = components['schemas']['Ingress'];

const TONES: Record<Ingress['status'], Tone | 'neutral'> = {
  inactive: 'neutral',
  buffering: 'warn',
  publishing: 'good',
  error: 'danger',
  complete: 'neutral',
};

export function IngressItem({
  of,
  onShow,
  onEdit,
  onDelete,
  onChanged,
}: {
  of: Ingress;
  /** For those who may have its key, and so change it. */
  onShow?: (() => void) | undefined;
  onEdit: () => void;
  onDelete: () => void;
  onChanged: () => void;
}) {
  const { t } = useTranslation();
  const { name } = of;
  const enable = () =>
    updateIngress(of.id, { enabled: !of.enabled }).then(onChanged, (error) =>
      toast(problemText(error)),
    );
  return (
    <li className={pageStyles.item}>
      <div className={pageStyles.itemText}>
        <div className={pageStyles.itemTitle}>
          {name || of.id}
          <Badge tone={TONES[of.status]}>{t(`ingress.status.${of.status}`)}</Badge>
          {!of.enabled && <Badge tone="warn">{t('ingress.disabled')}</Badge>}
        </div>
        <div className={pageStyles.itemHint}>
          <Where of={of} />
          {' · '}
          {[t(`ingress.kind.${of.kind}`), of.participant_name].filter(Boolean).join(' · ')}
        </div>
        <Doing of={of} />
      </div>
      {onShow && (
        <div className={pageStyles.row}>
          <Button small aria-label={t('ingress.setUpOf', { name })} onPress={onShow}>
            {t('ingress.setUp')}
          </Button>
          <Menu
            label={t('ingress.more', { name })}
            trigger={
              <IconButton small label={t('ingress.more', { name })}>
                <Ellipsis size={18} aria-hidden="true" />
              </IconButton>
            }
            actions={[
              { id: 'edit', label: t('ingress.edit'), run: onEdit },
              {
                id: 'enable',
                label: of.enabled ? t('ingress.disable') : t('ingress.enable'),
                run: () => void enable(),
              },
              { id: 'delete', label: t('common.delete'), danger: true, run: onDelete },
            ]}
          />
        </div>
      )}
    </li>
  );
}

/** What it publishes, since when, or when it last did. */
function Doing({ of }: { of: Ingress }) {
  const { t } = useTranslation();
  const format = useFormat();
  const when =
    of.started_at === null
      ? t('ingress.never')
      : of.ended_at === null
        ? t('ingress.since', { when: format.dateTime(of.started_at) })
        : t('ingress.until', { when: format.dateTime(of.ended_at) });
  return (
    <div className={pageStyles.itemHint}>
      {[
        when,
        ...of.tracks.map(({ mime_type, width, height }) =>
          width > 0 ? `${mime_type} ${width}×${height}` : mime_type,
        ),
        of.error,
      ]
        .filter(Boolean)
        .join(' · ')}
    </div>
  );
}

/** A room of ours by its link; another by its name. */
function Where({ of }: { of: Ingress }) {
  const { t } = useTranslation();
  if (of.link !== null) return <Link to={`/${of.link}/settings`}>{of.link}</Link>;
  return isOfDeletedRoom(of) ? t('ingress.roomDeleted') : of.room;
}
