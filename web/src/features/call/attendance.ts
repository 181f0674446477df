/**
 * Tells whose coming and going is news. While one's own connection breaks and is repaired, everybody seems to go and to
 * come again, and others whom the same break has hit come back some seconds later: nothing of that is news.
 */
import { ConnectionState, type RemoteParticipant, type Room, RoomEvent } from 'livekit-client';

/** After one's own return others are given this long: they wait for the server up to 15 seconds. */
const SETTLING_MS = 20_000;

export class Attendance {
  /** Who is there as far as anybody was told. */
  private readonly here: Map<string, RemoteParticipant>;
  private steady: boolean;
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

  private onLeft = (): void => {
    // livekit-client sends everybody out first and says only then that it connects anew.
    queueMicrotask(this.tellWhoLeft);
  };

  private onState = (state: ConnectionState): void => {
    clearTimeout(this.settling);
    if (state !== ConnectionState.Connected) {
      this.steady = false;
    } else if (!this.steady) {
      this.settling = setTimeout(() => {
        this.steady = true;
        this.tellWhoLeft();
      }, SETTLING_MS);
    }
  };

  private tellWhoLeft = (): void => {
    if (!this.steady) return;
    for (const [identity, who] of this.here) {
      if (this.room.remoteParticipants.has(identity)) continue;
      this.here.delete(identity);
      this.tell('left', who);
    }
  };
}
