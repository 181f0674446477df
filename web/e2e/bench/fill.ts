// Fills a stopped server's SQLite database: what a busy site has after years, over the schema as it is.
import { DatabaseSync } from 'node:sqlite';

const ACCOUNTS = 10_000;
const ROOMS = 10_000;
const MEETINGS = 100;
const ATTENDANCES = 100_000;
const YEAR = 365 * 24 * 3600 * 1000;

/** `owner` gets all the rooms, `room` all the attendances, one in five of them the owner's own. */
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
  db.exec('COMMIT');
  db.close();
}
