/** The API's types by their short names. */
export type Site = {
  name: string;
  version: string;
  registration: 'open' | 'invite' | 'closed';
  setup_required: boolean;
  password_min_length: number;
  media: 'starting' | 'ready' | 'down';
};
export type User = {
  id: string;
  email: string;
  name: string;
  role: 'admin' | 'user';
  disabled: boolean;
  created_at: number;
  last_seen_at: number | null;
};
export type SignedIn = { user: User; token?: string };
export type Session = {
  id: string;
  kind: 'cookie' | 'bearer';
  label: string | null;
  user_agent: string | null;
  ip: string | null;
  created_at: number;
  last_seen_at: number;
  current: boolean;
};
export type Invite = {
  id: string;
  code?: string;
  url?: string;
  note: string | null;
  email: string | null;
  created_at: number;
  expires_at: number;
  used_at: number | null;
};
export type MediaDefaults = {
  audio: boolean;
  video: boolean;
  screen_share: boolean;
  chat: boolean;
};
export type RoomRole = 'owner' | 'moderator' | 'member' | 'visitor';
export type Room = {
  id: string;
  slug: string;
  name: string;
  url: string;
  owner: { id: string; name: string };
  access: 'public' | 'private';
  guests_allowed: boolean;
  max_participants: number;
  locked: boolean;
  media: MediaDefaults;
  created_at: number;
  updated_at: number;
  role: RoomRole;
  live: { participants: number; started_at: number | null };
  join: {
    allowed: boolean;
    reason:
      | null
      | 'sign_in_required'
      | 'private'
      | 'locked'
      | 'full'
      | 'banned'
      | 'media_unavailable';
  };
};
export type NewRoom = {
  name: string;
  slug?: string;
  access?: Room['access'];
  guests_allowed?: boolean;
  max_participants?: number;
  media?: MediaDefaults;
};
export type Member = {
  user_id: string;
  name: string;
  email: string;
  role: 'moderator' | 'member';
  added_at: number;
};
export type Join = {
  url: string;
  token: string;
  expires_at: number;
  identity: string;
  name: string;
  room: Room;
  role: RoomRole;
};
export type TrackSource =
  | 'microphone'
  | 'camera'
  | 'screen_share'
  | 'screen_share_audio'
  | 'unknown';
export type Participant = {
  identity: string;
  sid: string;
  name: string;
  role: RoomRole;
  user_id: string | null;
  guest: boolean;
  joined_at: number;
  state: 'joining' | 'joined' | 'active';
  permissions: MediaDefaults;
  tracks: {
    sid: string;
    source: TrackSource;
    muted: boolean;
    mime_type: string;
    width: number;
    height: number;
  }[];
  hand_raised_at: number | null;
};
export type Ban = {
  id: string;
  identity: string;
  name: string;
  reason: string | null;
  banned_by: string;
  created_at: number;
};
export type Meeting = {
  id: string;
  sid: string;
  started_at: number;
  ended_at: number | null;
  attendances: {
    identity: string;
    name: string;
    user_id: string | null;
    joined_at: number;
    left_at: number | null;
    seconds: number;
  }[];
};
export type AuditRecord = {
  id: string;
  at: number;
  actor: { user_id: string | null; name: string };
  action: string;
  room_slug: string | null;
  target: string | null;
  detail: Record<string, unknown>;
};
export type Overview = {
  media: { status: string; reason: string | null; engine: string; version: string | null };
  users: number;
  rooms: number;
  live_rooms: number;
  live_participants: number;
  started_at: number;
  version: string;
  database: 'sqlite' | 'postgres';
};
export type Connectivity = {
  media: 'starting' | 'ready' | 'down';
  signal_url: string;
  udp_port: number;
  tcp_port: number;
  node_ip: string;
  turn: boolean;
};
export type Page<T> = { items: T[]; next_cursor: string | null };
