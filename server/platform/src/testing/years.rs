//! A database as it is after years: a planner chooses other ways through an empty one.

use crate::db::{Database, sql};

// Accounts, rooms, members, meetings, attendances and recordings; one meeting of a hundred goes on and one was cut. Of
// accounts, rooms and recordings a few are disabled, private and failed.
const ROWS: [&str; 6] = [
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
     INSERT INTO users (id, email, email_key, search, name, role, created_at, updated_at, disabled)
     SELECT '0199d5a0-0001-7000-8000-' || CAST(100000000000 + i AS TEXT), 'e' || CAST(i AS TEXT), 'e' || CAST(i AS TEXT), 'n e' || CAST(i AS TEXT), 'n', 'user', 0, 0, i % 50 = 0 FROM n",
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
     INSERT INTO rooms (id, slug, name, search_key, owner_id, access, guests_allowed, max_participants, audio, video, screen_share, chat, created_at, updated_at)
     SELECT '0199d5a0-0002-7000-8000-' || CAST(100000000000 + i AS TEXT), 's' || CAST(i AS TEXT), 'n', 'n s' || CAST(i AS TEXT),
     '0199d5a0-0001-7000-8000-' || CAST(100000000001 + i % 100 AS TEXT), CASE WHEN i % 20 = 0 THEN 'private' ELSE 'public' END, TRUE, 0, TRUE, TRUE, TRUE, TRUE, 0, 0 FROM n",
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
     INSERT INTO members (room_id, user_id, role, added_at)
     SELECT '0199d5a0-0002-7000-8000-' || CAST(100000000000 + i AS TEXT), '0199d5a0-0001-7000-8000-' || CAST(100000000001 + (i + 7) % 100 AS TEXT), 'member', 0 FROM n",
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
     INSERT INTO meetings (id, room_id, sid, started_at, ended_at, updated_at, cut)
     SELECT '0199d5a0-0003-7000-8000-' || CAST(100000000000 + i AS TEXT), '0199d5a0-0002-7000-8000-' || CAST(100000000001 + i % 10000 AS TEXT), 'RM_' || CAST(i AS TEXT), 0,
     CASE WHEN i % 100 = 0 THEN NULL ELSE 0 END, 0, i % 100 = 1 FROM n",
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
     INSERT INTO attendances (id, meeting_id, room_id, sid, identity, subject, name, joined_at, left_at, seen_at, updated_at)
     SELECT '0199d5a0-0004-7000-8000-' || CAST(100000000000 + i AS TEXT), '0199d5a0-0003-7000-8000-' || CAST(100000000001 + i % 20000 AS TEXT),
     '0199d5a0-0002-7000-8000-' || CAST(100000000001 + (i + 1) % 10000 AS TEXT), 'PA_' || CAST(i AS TEXT), 'g-' || CAST(i % 50 AS TEXT), 'g-' || CAST(i % 50 AS TEXT), 'n', 0,
     CASE WHEN (i + 1) % 100 = 0 THEN NULL ELSE 0 END, 0, 0 FROM n",
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
     INSERT INTO recordings (id, room_id, title, search_key, layout, audio_only, started_by_name, state, seen_at, requested_at, updated_at)
     SELECT '0199d5a0-0005-7000-8000-' || CAST(100000000000 + i AS TEXT), '0199d5a0-0002-7000-8000-' || CAST(100000000001 + i % 5000 AS TEXT), 'n', 'n', 'grid', FALSE, 'n',
     CASE WHEN i <= 50 THEN 'recording' WHEN i % 50 = 0 THEN 'failed' ELSE 'completed' END, 0, 0, 0 FROM n",
];

/// Lets years pass.
pub async fn pass(db: &Database) {
    let mut tx = db.begin().await.unwrap();
    for rows in ROWS {
        sql!(&mut tx => execute, rows).unwrap();
    }
    tx.commit().await.unwrap();
}
