/** Brings others into a room: its link to copy, to share, as a QR code, and as an entry for calendars. */
import { CalendarPlus, Copy, Download, QrCode as QrSign, Share2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Room } from '../../../api/types';
import { Button } from '../../../primitives/Button';
import { copyText } from '../../../primitives/copyText';
import { momentOf, nextHour } from '../../../primitives/days';
import { TextField } from '../../../primitives/Field';
import { QrCode } from '../../../primitives/QrCode';
import { Seats } from '../../../primitives/Seats';
import { saveText } from '../../../primitives/saveText';
import { toast } from '../../../primitives/Toasts';
import { useFormat } from '../../../primitives/useFormat';
import { calendarFile, calendarFileName } from '../invitation';
import styles from './InviteCard.module.css';

type Invited = Pick<Room, 'id' | 'name' | 'url' | 'access' | 'guests_allowed' | 'locked'>;

export function InviteCard({ room, made = false }: { room: Invited; made?: boolean }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState<'code' | 'date' | null>(null);
  const toggle = (part: 'code' | 'date') => setOpen((now) => (now === part ? null : part));
  const title = t(made ? 'invite.made' : 'invite.alone');
  const { name, url } = room;
  const share = () =>
    // Closing the sheet is an answer, not a failure.
    void navigator.share({ title: name, url }).catch(() => undefined);
  return (
    <section className={styles.card} aria-label={title} data-testid="invite">
      <div className={styles.head}>
        <Seats taken={made ? 0 : 1} size={44} />
        <div>
          <h2>{title}</h2>
          <p className={styles.who}>{t(`invite.who.${whoComesIn(room)}`)}</p>
        </div>
      </div>
      <div className={styles.link}>
        <code>{url.replace(/^https?:\/\//, '')}</code>
        <Button
          look={made ? 'outline' : 'primary'}
          onPress={async () => toast((await copyText(url)) ? t('home.copied') : url)}
        >
          <Copy size={18} aria-hidden="true" />
          {t('invite.copy')}
        </Button>
      </div>
      <div className={styles.ways}>
        {'share' in navigator && (
          <Button onPress={share}>
            <Share2 size={18} aria-hidden="true" />
            {t('invite.share')}
          </Button>
        )}
        <Button aria-expanded={open === 'code'} onPress={() => toggle('code')}>
          <QrSign size={18} aria-hidden="true" />
          {t('invite.code')}
        </Button>
        <Button aria-expanded={open === 'date'} onPress={() => toggle('date')}>
          <CalendarPlus size={18} aria-hidden="true" />
          {t('invite.date')}
        </Button>
      </div>
      {open === 'code' && (
        <div className={styles.code}>
          <QrCode text={url} label={t('invite.codeOf', { name })} />
        </div>
      )}
      {open === 'date' && <ForLater room={room} />}
    </section>
  );
}

function ForLater({ room: { id, name, url } }: { room: Invited }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [when, setWhen] = useState(() => nextHour(Date.now()));
  const start = momentOf(when);
  return (
    <div className={styles.more}>
      <TextField type="datetime-local" label={t('invite.when')} value={when} onChange={setWhen} />
      <div className={styles.ways}>
        <Button
          look="outline"
          onPress={async () => {
            const date = start === null ? '' : format.dateTime(start);
            const text = [name, date, url].filter(Boolean).join('\n');
            toast((await copyText(text)) ? t('invite.textCopied') : text);
          }}
        >
          <Copy size={18} aria-hidden="true" />
          {t('invite.text')}
        </Button>
        <Button
          look="outline"
          isDisabled={start === null}
          onPress={() => {
            if (start === null) return;
            const file = calendarFile({ id, name, url, start }, Date.now());
            saveText(calendarFileName(name), file, 'text/calendar');
          }}
        >
          <Download size={18} aria-hidden="true" />
          {t('invite.file')}
        </Button>
      </div>
    </div>
  );
}

function whoComesIn({ locked, access, guests_allowed }: Invited) {
  if (locked) return 'nobody';
  if (access === 'private') return 'members';
  return guests_allowed ? 'anyone' : 'accounts';
}
