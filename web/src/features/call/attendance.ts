/**
 * Tells whose coming and going is news. While one's own connection breaks and is repaired, everybody seems to go and to
 * come again, and others whom the same break has hit come back some seconds later: nothing of that is news.
 */
import { ConnectionState, type RemoteParticipant, type Room, RoomEvent } from 'livekit-client';

/** After one's own return others are given this long: they wait for the server up to 15 seconds. */
const SETTLING_MS = 20_000;
/** A server that stops sends people out one after the other: whoever is last sees all others leave first. */
const LEAVING_MS = 2_000;

export class Attendance {
  /** Who is there as far as anybody was told. */
  private readonly here: Map<string, RemoteParticipant>;
  private steady: boolean;
  private readonly leaving = new Map<string, ReturnType<typeof setTimeout>>();
  private settling: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly room: Room,
    private readonly tell: (news: 'joined' | 'left', who: RemoteParticipant) => void,
  ) {
    this.here = new Map(room.remoteParticipants);
    this.steady = room.state === ConnectionState.Connected;
    room
      .on(RoomEvent.ParticipantConnected, this.onJoined)
      .on(RoomEvent.ParticipantDisconnected, this.onLeft)
      .on(RoomEvent.ConnectionStateChanged, this.onState);
  }

  stop(): void {
    clearTimeout(this.settling);
    for (const timer of this.leaving.values()) clearTimeout(timer);
    this.room
      .off(RoomEvent.ParticipantConnected, this.onJoined)
      .off(RoomEvent.ParticipantDisconnected, this.onLeft)
      .off(RoomEvent.ConnectionStateChanged, this.onState);
  }

  private onJoined = (who: RemoteParticipant): void => {
    const known = this.here.has(who.identity);
    this.here.set(who.identity, who);
    if (!known) this.tell('joined', who);
  };

  private onLeft = ({ identity }: RemoteParticipant): void => {
    clearTimeout(this.leaving.get(identity));
    const tell = () => {
      this.leaving.delete(identity);
      if (this.steady) this.tellLeft(identity);
    };
    this.leaving.set(identity, setTimeout(tell, LEAVING_MS));
  };

  private onState = (state: ConnectionState): void => {
    clearTimeout(this.settling);
    if (state !== ConnectionState.Connected) {
      this.steady = false;
    } else if (!this.steady) {
      this.settling = setTimeout(() => {
        this.steady = true;
        for (const identity of [...this.here.keys()]) this.tellLeft(identity);
      }, SETTLING_MS);
    }
  };

  private tellLeft(identity: string): void {
    const who = this.here.get(identity);
    if (!who || this.room.remoteParticipants.has(identity)) return;
    this.here.delete(identity);
    this.tell('left', who);
  }
}
