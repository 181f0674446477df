// Fills a stopped server's SQLite database: what a busy site has after years, over the schema as it is.
import { DatabaseSync } from 'node:sqlite';

const ACCOUNTS = 10_000;
const ROOMS = 10_000;
const MEETINGS = 100;
const ATTENDANCES = 100_000;
const RECORDINGS = 10_000;
const MESSAGES = 100_000;
const RECORDS = 100_000;
// Three months of them.
const MINUTES = 90 * 24 * 60;
const YEAR = 365 * 24 * 3600 * 1000;

/**
 * `owner` gets all the rooms, `room` all the recordings and the attendances, one in five of them the owner's own. The
 * outbox gets what a busy hour leaves in it.
 */
export function fill(file: string, { owner, room }: { owner: string; room: string }): void {
  const db = new DatabaseSync(file);
  const since = Date.now() - YEAR;
  // As a UUIDv7 of a year ago: before whatever is there.
  const id = (kind: number, number: number) =>
    `018f0000-${kind.toString(16).padStart(4, '0')}-7000-8000-${number.toString(16).padStart(12, '0')}`;
  db.exec('BEGIN');
  const user = db.prepare(
    `INSERT INTO users (id, email, email_key, search, name, role, disabled, created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, 'user', FALSE, ?, ?)`,
  );
  for (let i = 0; i < ACCOUNTS; i += 1) {
    const email = `person${i}@example.org`;
    user.run(id(1, i), email, email, `person ${i} ${email}`, `Person ${i}`, since, since);
  }
  const insertRoom = db.prepare(
    `INSERT INTO rooms (id, slug, name, search_key, owner_id, access, guests_allowed, max_participants, audio, video,
                        screen_share, chat, created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, 'public', TRUE, 0, TRUE, TRUE, TRUE, TRUE, ?, ?)`,
  );
  for (let i = 0; i < ROOMS; i += 1) {
    insertRoom.run(id(2, i), `old-room-${i}`, `Old room ${i}`, `old room ${i} old-room-${i}`, owner, since, since);
  }
  const meeting = db.prepare(
    'INSERT INTO meetings (id, room_id, sid, started_at, ended_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)',
  );
  for (let i = 0; i < MEETINGS; i += 1) {
    meeting.run(id(3, i), room, `RM_old${i}`, since + i * 1000, since + i * 1000 + 900, since);
  }
  const attendance = db.prepare(
    `INSERT INTO attendances (id, meeting_id, room_id, sid, identity, subject, name, user_id, joined_at, left_at,
                              seen_at, updated_at, generation, seated)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, TRUE)`,
  );
  for (let i = 0; i < ATTENDANCES; i += 1) {
    const who = i % 5 === 0 ? owner : id(1, i % ACCOUNTS);
    const came = since + (i % MEETINGS) * 1000;
    attendance.run(
      id(4, i), id(3, i % MEETINGS), room, `PA_old${i}`, `u-${who}-device`, `u-${who}`, 'Somebody', who, came,
      came + 800, came + 800, came + 800,
    );
  }
  const recording = db.prepare(
    `INSERT INTO recordings (id, room_id, meeting_id, title, search_key, layout, audio_only, started_by, started_by_name,
                             state, egress_id, seen_at, requested_at, started_at, stopped_at, ended_at, duration_ms, size,
                             media_type, storage, object_key, ending, updated_at)
     VALUES (?, ?, ?, ?, ?, 'grid', FALSE, ?, 'Somebody', 'completed', ?, ?, ?, ?, ?, ?, 60000, 5000000, 'video/webm',
             'disk', ?, 'stopped', ?)`,
  );
  for (let i = 0; i < RECORDINGS; i += 1) {
    const at = since + i * 1000;
    recording.run(
      id(5, i), room, id(3, i % MEETINGS), `Film ${i}`, `film ${i}`, owner, `EG_old${i}`, at, at, at, at + 60_000,
      at + 60_000, `old/${i}.webm`, at + 60_000,
    );
  }
  const record = db.prepare(
    `INSERT INTO audit_records (id, at, actor_user_id, actor_name, action, room_id, room_slug, detail)
     VALUES (?, ?, ?, 'Somebody', ?, ?, 'room', '{}')`,
  );
  for (let i = 0; i < RECORDS; i += 1) {
    record.run(id(6, i), since + i, i % 5 === 0 ? owner : id(1, i % ACCOUNTS), i % 2 === 0 ? 'room.updated' : 'user.updated', room);
  }
  const minute = db.prepare(
    'INSERT OR IGNORE INTO usage_minutes (minute, people, rooms, tracks, bytes_in, bytes_out, connected) VALUES (?, 9, 3, 12, 1000, 9000, 1)',
  );
  const now = Math.floor(Date.now() / 60_000) * 60_000;
  for (let i = 1; i <= MINUTES; i += 1) minute.run(now - i * 60_000);
  const message = db.prepare("INSERT INTO outbox (at, kind, room, body) VALUES (?, 'room_updated', ?, '{}')");
  for (let i = 0; i < MESSAGES; i += 1) message.run(Date.now() - 1_800_000 + i * 10, room);
  db.exec('COMMIT');
  db.close();
}

/** What a page that has heard everything sends when it comes back. */
export function newestEvent(file: string): string {
  const db = new DatabaseSync(file, { readOnly: true });
  const row = db.prepare('SELECT id, at FROM outbox ORDER BY id DESC LIMIT 1').get();
  db.close();
  return row ? `${row.id}-${row.at}` : '0';
}
