/** Who is in a live room by the media server and by the record, and what an administrator does about them. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LiveParticipant, LiveParticipants, LiveRoom, LiveTrack } from '../../../api/types';
import { attempt } from '../../../primitives/attempt';
import { Confirm } from '../../../primitives/Dialog';
import { TextField } from '../../../primitives/Field';
import { Card, Empty, pageStyles } from '../../../primitives/Page';
import { RawDialog } from '../../../primitives/RawDialog';
import { useFormat } from '../../../primitives/useFormat';
import { ban, PermissionsDialog } from '../../participants';
import { PersonQualityDialog } from '../../quality';
import { muteLiveTrack } from '../api/muteLiveTrack';
import { removeLiveParticipant } from '../api/removeLiveParticipant';
import { EditPerson, EditRights } from './EditPerson';
import { LivePerson, type PersonAction } from './LivePerson';

export function LivePeople({ room, people }: { room: LiveRoom; people: LiveParticipants }) {
  const { t } = useTranslation();
  const format = useFormat();
  const queryClient = useQueryClient();
  const [asked, setAsked] = useState<{ person: LiveParticipant; action: PersonAction } | null>(
    null,
  );
  const lookAgain = () => queryClient.invalidateQueries({ queryKey: ['live'] });
  const recorded = new Set(people.recorded.map(({ identity }) => identity));
  const inside = new Set(people.items.map(({ identity }) => identity));
  const gone = people.recorded.filter(({ identity }) => !inside.has(identity));
  const mute = (person: LiveParticipant, track: LiveTrack) =>
    attempt(muteLiveTrack(room.name, person.identity, track.sid).then(lookAgain));
  return (
    <Card title={t('live.inside')}>
      {people.items.length === 0 && <Empty>{t('live.nobody')}</Empty>}
      {people.items.length > 0 && (
        <ul className={pageStyles.list}>
          {people.items.map((person) => (
            <LivePerson
              key={person.sid}
              person={person}
              own={room.site_room !== null}
              moderates={person.may_moderate}
              onRecord={recorded.has(person.identity)}
              onAction={(action) => setAsked({ person, action })}
              onMute={(track) => void mute(person, track)}
            />
          ))}
        </ul>
      )}
      {gone.length > 0 && (
        <section aria-label={t('live.onlyOnRecord')}>
          <h3>{t('live.onlyOnRecord')}</h3>
          <ul className={pageStyles.list}>
            {gone.map(({ identity, name, joined_at }) => (
              <li key={`${identity} ${joined_at}`} className={pageStyles.item}>
                <div className={pageStyles.itemText}>
                  <div className={pageStyles.itemTitle}>{name || identity}</div>
                  <div className={pageStyles.itemHint}>
                    {t('live.joined', { when: format.exactTime(joined_at) })}
                  </div>
                </div>
              </li>
            ))}
          </ul>
        </section>
      )}
      {asked && <Asked {...asked} room={room} onDone={lookAgain} onClose={() => setAsked(null)} />}
    </Card>
  );
}

function Asked({
  person,
  action,
  room,
  onDone,
  onClose,
}: {
  person: LiveParticipant;
  action: PersonAction;
  room: LiveRoom;
  onDone: () => Promise<unknown>;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [reason, setReason] = useState('');
  const name = person.name || person.identity;
  const slug = room.site_room?.slug;
  switch (action) {
    case 'raw':
      return <RawDialog title={name} value={person} onClose={onClose} />;
    case 'quality':
      return slug === undefined ? null : (
        <PersonQualityDialog slug={slug} identity={person.identity} name={name} onClose={onClose} />
      );
    case 'edit':
      return <EditPerson room={room.name} person={person} onClose={onClose} />;
    case 'permissions':
      return slug === undefined ? (
        <EditRights room={room.name} person={person} onClose={onClose} />
      ) : (
        <PermissionsDialog
          slug={slug}
          participant={person}
          permissions={ownPermissions(person)}
          onClose={() => {
            void onDone();
            onClose();
          }}
        />
      );
    case 'kick':
      return (
        <Confirm
          title={t('participants.kickTitle', { name })}
          text={slug === undefined ? t('live.kickForeignText') : t('participants.kickText')}
          action={t('participants.kick')}
          isOpen
          onClose={onClose}
          onConfirm={() => removeLiveParticipant(room.name, person.identity).then(onDone)}
        />
      );
    case 'ban':
      return (
        <Confirm
          title={t('participants.banTitle', { name })}
          text={t('participants.banText')}
          action={t('participants.ban')}
          isOpen
          onClose={onClose}
          onConfirm={() =>
            slug === undefined ? undefined : ban(slug, person.identity, reason).then(onDone)
          }
        >
          <TextField
            name="reason"
            label={t('participants.banReason')}
            value={reason}
            onChange={setReason}
          />
        </Confirm>
      );
  }
}

/** What the media server lets somebody do, in the words of the site's own rooms. */
function ownPermissions({ permission }: LiveParticipant) {
  const { can_publish, can_publish_data, can_publish_sources: sources } = permission;
  const may = (source: (typeof sources)[number]) =>
    can_publish && (sources.length === 0 || sources.includes(source));
  return {
    audio: may('microphone'),
    video: may('camera'),
    screen_share: may('screen_share'),
    chat: can_publish_data,
  };
}
