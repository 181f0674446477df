/** One recording of a list: what it is, how far it is, and what can be done with it. */
import {
  AudioLines,
  CircleStop,
  Download,
  Film,
  MoreVertical,
  Pencil,
  Share2,
  Trash2,
} from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Recording } from '../../../api/types';
import { IconButton, LinkButton } from '../../../primitives/Button';
import { Checkbox } from '../../../primitives/Field';
import { Menu, type MenuAction } from '../../../primitives/Menu';
import { pageStyles } from '../../../primitives/Page';
import { downloadUrl, posterUrl } from '../api/mediaUrl';
import { useRecordingFacts } from '../hooks/useRecordingFacts';
import { isGoingOn, isSelectable } from '../state';
import { ChangeRecordingDialog } from './ChangeRecordingDialog';
import { DeleteRecordingsDialog } from './DeleteRecordingsDialog';
import { RecordingStatus, StateBadge } from './RecordingStatus';
import styles from './Recordings.module.css';
import { ShareDialog } from './ShareDialog';
import { StopRecordingDialog } from './StopRecordingDialog';

type Asked = 'share' | 'change' | 'delete' | 'stop';

export function RecordingItem({
  recording,
  withRoom,
  selected,
  onSelect,
}: {
  recording: Recording;
  withRoom: boolean;
  selected: boolean;
  onSelect: (selected: boolean) => void;
}) {
  const { t } = useTranslation();
  const facts = useRecordingFacts();
  const [asked, setAsked] = useState<Asked | null>(null);
  const { id, title, state, rights, room } = recording;
  const goesOn = isGoingOn(state);
  const close = () => setAsked(null);
  const action = (show: boolean, one: MenuAction) => (show ? [one] : []);
  const actions = [
    ...action(goesOn && rights.stop, {
      id: 'stop',
      label: t('recording.stop'),
      icon: <CircleStop size={18} aria-hidden="true" />,
      disabled: state === 'stopping',
      run: () => setAsked('stop'),
    }),
    ...action(state === 'completed' && rights.download, {
      id: 'download',
      label: t('recording.download'),
      icon: <Download size={18} aria-hidden="true" />,
      // The answer is a file: the page stays.
      run: () => location.assign(downloadUrl([id])),
    }),
    ...action(state === 'completed' && rights.share, {
      id: 'share',
      label: t('share.open'),
      icon: <Share2 size={18} aria-hidden="true" />,
      run: () => setAsked('share'),
    }),
    ...action(rights.change, {
      id: 'change',
      label: t('recording.change'),
      icon: <Pencil size={18} aria-hidden="true" />,
      run: () => setAsked('change'),
    }),
    ...action(rights.delete && !goesOn, {
      id: 'delete',
      label: t('common.delete'),
      icon: <Trash2 size={18} aria-hidden="true" />,
      danger: true,
      run: () => setAsked('delete'),
    }),
  ];
  const Icon = recording.audio_only ? AudioLines : Film;
  return (
    <li className={`${pageStyles.item} ${pageStyles.itemWraps}`} data-recording={state}>
      <Checkbox
        label={t('recording.select', { title })}
        isSelected={selected}
        isDisabled={!isSelectable(recording)}
        onChange={onSelect}
      />
      <span className={styles.icon} aria-hidden="true">
        {recording.has_poster ? (
          <img src={posterUrl(id)} alt="" loading="lazy" className={styles.poster} />
        ) : (
          <Icon size={20} />
        )}
      </span>
      <div className={pageStyles.itemText}>
        <div className={pageStyles.itemTitle}>
          <Link to={`/recordings/${id}`}>{title}</Link>
          <StateBadge state={state} />
        </div>
        <div className={pageStyles.itemHint}>
          {[withRoom && room.name !== title && room.name, ...facts(recording)]
            .filter(Boolean)
            .join(' · ')}
        </div>
        <RecordingStatus recording={recording} />
      </div>
      {actions.length > 0 && (
        <Menu
          label={t('recording.actionsFor', { title })}
          trigger={
            <IconButton
              look="quiet"
              small
              label={t('recording.actionsFor', { title })}
              tooltip={t('call.more')}
            >
              <MoreVertical size={18} aria-hidden="true" />
            </IconButton>
          }
          actions={actions}
        />
      )}
      {(state === 'completed' || recording.has_preview) && (
        <LinkButton to={`/recordings/${id}`} small look="primary">
          {t('recording.play')} <span className="visually-hidden">{title}</span>
        </LinkButton>
      )}
      {asked === 'share' && <ShareDialog recording={recording} onClose={close} />}
      {asked === 'change' && <ChangeRecordingDialog recording={recording} onClose={close} />}
      <DeleteRecordingsDialog
        recordings={[recording]}
        isOpen={asked === 'delete'}
        onClose={close}
      />
      <StopRecordingDialog id={id} room={room.id} isOpen={asked === 'stop'} onClose={close} />
    </li>
  );
}
