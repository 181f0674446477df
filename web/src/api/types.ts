/** The API's types by their short names; their shapes come from the generated schema. */
import type { components } from './schema';

type Schemas = components['schemas'];
export type User = Schemas['User'];
export type SignedIn = Schemas['SignedIn'];
export type Session = Schemas['Session'];
export type Invite = Schemas['Invite'];
export type MediaDefaults = Schemas['MediaDefaults'];
export type RoomRole = Schemas['RoomRole'];
export type Room = Schemas['Room'];
export type NewRoom = Schemas['CreateRoom'];
export type RoomChange = Schemas['UpdateRoom'];
export type Member = Schemas['Member'];
export type Join = Schemas['Join'];
export type TrackSource = Schemas['TrackSource'];
export type Participant = Schemas['Participant'];
export type Meeting = Schemas['Meeting'];
export type Recording = Schemas['Recording'];
export type RecordingChange = Schemas['UpdateRecording'];
export type RecordingState = Schemas['RecordingState'];
export type RecordingLayout = Schemas['RecordingLayout'];
export type StartRecording = Schemas['StartRecording'];
export type AuditRecord = Schemas['AuditRecord'];
export type Overview = Schemas['Overview'];
export type Connectivity = Schemas['Connectivity'];
export type EventKind = Schemas['EventKind'];
export type FieldProblem = Schemas['FieldError'];
export type Page<T> = { items: T[]; next_cursor: string | null };
