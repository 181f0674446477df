-- Agents that come into every call of a room.
CREATE TABLE room_agents (
    id TEXT PRIMARY KEY,
    room_id TEXT NOT NULL REFERENCES rooms (id),
    agent_name TEXT NOT NULL,
    metadata TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    UNIQUE (room_id, agent_name)
);
