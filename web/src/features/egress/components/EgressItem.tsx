/** One egress in the list: what is sent out of which room, where to, and how it is doing. */
import { Ellipsis } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { components } from '../../../api/schema';
import { IconButton } from '../../../primitives/Button';
import { CopyId } from '../../../primitives/CopyId';
import { Menu } from '../../../primitives/Menu';
import { Badge, type Tone } from '../../../primitives/Notice';
import { pageStyles } from '../../../primitives/Page';
import { useFormat } from '../../../primitives/useFormat';
import { useTarget } from './useTarget';

type Egress = components['schemas']['Egress'];

const TONES: Record<Egress['status'], Tone | 'neutral'> = {
  starting: 'warn',
  active: 'good',
  ending: 'warn',
  complete: 'neutral',
  failed: 'danger',
  aborted: 'danger',
  limit_reached: 'warn',
  lost: 'danger',
};

const goesOn = ({ status }: Egress) => status === 'starting' || status === 'active';

export function EgressItem({
  of,
  administers,
  on,
}: {
  of: Egress;
  administers: boolean;
  on: (what: 'change' | 'stop' | 'raw') => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const title = useTarget()(of);
  const when =
    of.started_at === null
      ? ''
      : of.ended_at === null
        ? t('egress.since', { when: format.dateTime(of.started_at) })
        : t('egress.until', { when: format.dateTime(of.ended_at) });
  return (
    <li className={pageStyles.item}>
      <div className={pageStyles.itemText}>
        <div className={pageStyles.itemTitle}>
          {title}
          <Badge tone={TONES[of.status]}>{t(`egress.status.${of.status}`)}</Badge>
        </div>
        <div className={pageStyles.itemHint}>
          {of.link === null ? of.room : <Link to={`/${of.link}/settings`}>{of.link}</Link>}
          {when && ` · ${when}`}
          {of.recording_id !== null && (
            <>
              {' · '}
              <Link to={`/recordings/${of.recording_id}`}>{t('egress.recording')}</Link>
            </>
          )}
        </div>
        {of.status === 'lost' && <div className={pageStyles.itemHint}>{t('egress.lostHint')}</div>}
        {of.error !== '' && <div className={pageStyles.itemHint}>{of.error}</div>}
        <Outputs of={of} />
        <CopyId text={of.id} />
      </div>
      <div className={pageStyles.row}>
        <Menu
          label={t('egress.moreFor', { what: title, id: of.id })}
          trigger={
            <IconButton small label={t('egress.moreFor', { what: title, id: of.id })}>
              <Ellipsis size={18} aria-hidden="true" />
            </IconButton>
          }
          actions={[
            ...(administers && goesOn(of)
              ? [
                  { id: 'change', label: t('egress.change'), run: () => on('change') },
                  { id: 'stop', label: t('egress.stop'), danger: true, run: () => on('stop') },
                ]
              : []),
            { id: 'raw', label: t('live.raw'), run: () => on('raw') },
          ]}
        />
      </div>
    </li>
  );
}

/** Files, playlists and streams, each with how far it is. */
function Outputs({ of }: { of: Egress }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <>
      {of.files.map(({ name, location, size, duration_ms }) => (
        <div key={name} className={pageStyles.itemHint}>
          {[
            location || name,
            size > 0 && format.bytes(size),
            duration_ms > 0 && format.clock(duration_ms),
          ]
            .filter(Boolean)
            .join(' · ')}
        </div>
      ))}
      {of.playlists.map(({ name, location, segments }) => (
        <div key={name} className={pageStyles.itemHint}>
          {location || name} · {t('egress.segments', { count: segments })}
        </div>
      ))}
      {of.streams.map(({ url, status, error }) => (
        <div key={url} className={pageStyles.itemHint}>
          {[url, t(`egress.stream.${status}`), error].filter(Boolean).join(' · ')}
        </div>
      ))}
    </>
  );
}
