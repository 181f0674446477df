/** What the media server says of a room, beside what the site has on record. */
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { LiveRoom } from '../../../api/types';
import { CopyId } from '../../../primitives/CopyId';
import { Card, pageStyles } from '../../../primitives/Page';
import { useFormat } from '../../../primitives/useFormat';
import styles from './Live.module.css';

export function LiveRoomFacts({
  room,
  reconciledAt,
}: {
  room: LiveRoom;
  reconciledAt: number | null | undefined;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const own = room.site_room;
  const limit = room.max_participants;
  return (
    <Card>
      <div className={styles.sides}>
        <section aria-label={t('live.mediaSays')}>
          <h2>{t('live.mediaSays')}</h2>
          <dl className={pageStyles.facts}>
            <dt>{t('live.itsName')}</dt>
            <dd>
              <CopyId text={room.name} />
            </dd>
            <dt>{t('live.sid')}</dt>
            <dd>{room.sid && <CopyId text={room.sid} />}</dd>
            <dt>{t('live.region')}</dt>
            <dd>{room.region}</dd>
            <dt>{t('live.madeAt')}</dt>
            <dd>{format.dateTime(room.created_at)}</dd>
            <dt>{t('live.peopleInside')}</dt>
            <dd>
              {limit > 0
                ? t('live.ofSeats', { count: room.num_participants, limit })
                : format.number(room.num_participants)}{' '}
              <span className={pageStyles.itemHint}>{t('live.withoutPrograms')}</span>
            </dd>
            <dt>{t('live.sending')}</dt>
            <dd>{format.number(room.num_publishers)}</dd>
            <dt>{t('live.recorded')}</dt>
            <dd>{room.active_recording ? t('live.yes') : t('live.no')}</dd>
            <dt>{t('live.waits')}</dt>
            <dd>{format.span(room.empty_timeout)}</dd>
            <dt>{t('live.stays')}</dt>
            <dd>{format.span(room.departure_timeout)}</dd>
            <dt>{t('live.metadata')}</dt>
            <dd>{room.metadata || t('audit.value.nothing')}</dd>
          </dl>
        </section>
        <section aria-label={t('live.weRecorded')}>
          <h2>{t('live.weRecorded')}</h2>
          {own ? (
            <dl className={pageStyles.facts}>
              <dt>{t('live.room')}</dt>
              <dd>
                <Link to={`/${own.slug}/settings`}>{own.name}</Link>
              </dd>
              <dt>{t('live.meetingSince')}</dt>
              <dd>
                {own.started_at === null ? t('live.noMeeting') : format.dateTime(own.started_at)}
              </dd>
              <dt>{t('live.present')}</dt>
              <dd>{format.number(own.present)}</dd>
              <dt>{t('live.compared')}</dt>
              <dd>{reconciledAt ? format.exactTime(reconciledAt) : t('live.notYetCompared')}</dd>
            </dl>
          ) : (
            <p className={pageStyles.lead}>{t('live.foreignText')}</p>
          )}
        </section>
      </div>
    </Card>
  );
}
