/** The call itself: stage, panels and controls around one livekit-client room. */
import { RoomAudioRenderer, RoomContext, useConnectionState } from '@livekit/components-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type Room as LiveKitRoom, RoomEvent } from 'livekit-client';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Join } from '../../../api/types';
import { attempt } from '../../../primitives/attempt';
import { Dialog } from '../../../primitives/Dialog';
import { toast } from '../../../primitives/Toasts';
import { useMay } from '../../auth';
import { CHAT_EVENTS, ChatPanel, useChat } from '../../chat';
import { ConnectionChecks } from '../../connectivity';
import { ParticipantsPanel, useActsOn } from '../../participants';
import {
  RecordingNotice,
  StartRecordingDialog,
  StopRecordingDialog,
  useCallRecording,
  useEndOfRecording,
} from '../../recordings';
import { getRoom, InviteCard, setLock } from '../../rooms';
import type { CallSession } from '../CallSession';
import { useAnnouncements } from '../hooks/useAnnouncements';
import { useCallActions } from '../hooks/useCallActions';
import { useReactions } from '../hooks/useReactions';
import { useRights } from '../hooks/useRights';
import { useRoomEvents } from '../hooks/useRoomEvents';
import { useShortcuts } from '../hooks/useShortcuts';
import styles from './Call.module.css';
import { ConnectionBanner } from './ConnectionBanner';
import { ControlBar } from './ControlBar';
import { Spoken } from './Notices';
import { Presenting } from './Presenting';
import { ShortcutsDialog } from './ShortcutsDialog';
import { SidePanel } from './SidePanel';
import { Stage } from './Stage';
import { TopBar } from './TopBar';

const PEOPLE_EVENTS = [
  RoomEvent.ParticipantConnected,
  RoomEvent.ParticipantDisconnected,
  RoomEvent.ParticipantNameChanged,
  RoomEvent.ParticipantAttributesChanged,
  RoomEvent.TrackMuted,
  RoomEvent.TrackUnmuted,
  RoomEvent.TrackPublished,
  RoomEvent.TrackUnpublished,
  RoomEvent.LocalTrackPublished,
  RoomEvent.LocalTrackUnpublished,
  RoomEvent.AudioPlaybackStatusChanged,
  ...CHAT_EVENTS,
] as const;

type CallProps = {
  session: CallSession;
  join: Join;
  /** The room's link as the address shows it. */
  slug: string;
  /** Told when the link has become another one. */
  onSlug: (slug: string) => void;
};

export function Call(props: CallProps) {
  const { session } = props;
  return (
    <RoomContext.Provider value={session.room}>
      <CallView {...props} room={session.room} />
      <RoomAudioRenderer />
    </RoomContext.Provider>
  );
}

function CallView({ session, join, slug, onSlug, room }: CallProps & { room: LiveKitRoom }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const connection = useConnectionState(room);
  const version = useRoomEvents(room, PEOPLE_EVENTS);
  // The API takes a room's id wherever it takes its link, and an id stays when the link changes.
  const { id } = join.room;
  const info = useQuery(getRoom(id)).data ?? join.room;
  const [unread, setUnread] = useState(0);
  const [draft, setDraft] = useState('');
  const main = useRef<HTMLElement>(null);
  const { lines, notice, tell } = useAnnouncements(room);
  const { reactions, react } = useReactions(room, (emoji, sender) =>
    tell({ kind: 'reaction', name: sender, body: emoji }, false),
  );
  const shown = useCallActions({ session, room, info, react });
  const { actions, layout, panel } = shown;
  const { messages, send } = useChat(room, (message) => {
    if (panel === 'chat') return;
    setUnread((count) => count + 1);
    tell({ kind: 'message', name: message.name, body: message.text }, true);
  });
  // As it is now: a role may be given or taken during the call.
  const administers = useMay('administer');
  const moderatesAnywhere = useMay('moderate_rooms');
  const moderator = moderatesAnywhere || info.role === 'owner' || info.role === 'moderator';
  const runs = administers || info.role === 'owner';
  const actsOn = useActsOn(id, moderator, runs);
  const recording = useCallRecording(room, info);
  useEndOfRecording(recording.id, info.recording.allowed);
  const local = room.localParticipant;
  // biome-ignore lint/correctness/useExhaustiveDependencies: livekit-client's objects change in place; `version` tells when.
  const participants = useMemo(
    () => [local, ...room.remoteParticipants.values()],
    [room, local, version, connection],
  );
  useEffect(
    () => session.onMutedByOther((source) => toast(t(`call.mutedByOther.${source}`))),
    [session, t],
  );
  useRights(room, (change) =>
    toast(t(`call.right.${change.given ? 'given' : 'taken'}.${change.right}`)),
  );
  useEffect(() => main.current?.focus(), []);
  useEffect(() => {
    if (panel === 'chat') setUnread(0);
  }, [panel]);
  useEffect(() => {
    if (info.slug !== slug) onSlug(info.slug);
  }, [info.slug, slug, onSlug]);

  const shortcuts = useShortcuts({
    microphone: actions.toggleMicrophone,
    camera: actions.toggleCamera,
    share: actions.toggleShare,
    hand: actions.toggleHand,
    chat: actions.toggleChat,
    participants: actions.toggleParticipants,
    layout: actions.toggleLayout,
    help: actions.showShortcuts,
  });
  const { state } = session;
  const closePanel = () => {
    shown.closePanel();
    main.current?.focus();
  };
  return (
    <div
      className={styles.call}
      data-testid="call"
      data-connection-state={connection}
      data-call-phase={state.phase}
      data-panel={panel ?? 'none'}
    >
      <TopBar
        info={info}
        room={room}
        connection={connection}
        recording={recording.state}
        people={participants.length}
        notice={notice}
        onPeople={actions.toggleParticipants}
      />
      <ConnectionBanner
        state={connection}
        rejoining={state.phase === 'rejoining'}
        attempt={state.phase === 'rejoining' ? state.attempt : 0}
      />
      <RecordingNotice state={recording.state} onLeave={actions.leave} />
      {local.isScreenShareEnabled && <Presenting onStop={actions.toggleShare} />}
      <div className={styles.middle}>
        <main className={styles.stage} ref={main} tabIndex={-1} aria-label={t('call.stage')}>
          <Stage
            layout={layout}
            pinned={shown.pinned}
            onPin={shown.pin}
            alone={<InviteCard room={info} />}
            moderation={actsOn && { room: id, actsOn }}
          />
          <div className={styles.reactions} aria-hidden="true">
            {reactions.map((reaction) => (
              <span key={reaction.id} style={{ insetInlineStart: `${reaction.offset}%` }}>
                <b>{reaction.emoji}</b>
                <small>{reaction.name}</small>
              </span>
            ))}
          </div>
        </main>
        {panel === 'chat' && (
          <SidePanel title={t('chat.title')} onClose={closePanel}>
            <ChatPanel
              messages={messages}
              allowed={local.permissions?.canPublishData ?? true}
              onSend={send}
              draft={draft}
              onDraft={setDraft}
            />
          </SidePanel>
        )}
        {panel === 'participants' && (
          <SidePanel
            title={t('participants.count', { count: participants.length })}
            onClose={closePanel}
          >
            <ParticipantsPanel
              slug={id}
              room={info}
              participants={participants}
              moderator={moderator}
              runs={runs}
              onLock={(locked) =>
                attempt(
                  setLock(id, locked).then((updated) =>
                    queryClient.setQueryData(getRoom(id).queryKey, updated),
                  ),
                )
              }
            />
          </SidePanel>
        )}
      </div>
      <ControlBar
        actions={actions}
        panel={panel}
        unread={unread}
        people={participants.length}
        layout={layout}
        moderator={moderator}
        recording={info.recording.allowed ? recording : null}
      />
      {shown.dialog === 'record' && (
        <StartRecordingDialog
          room={id}
          kept={info.recording.keep_days}
          onClose={shown.closeDialog}
        />
      )}
      {recording.id !== null && (
        <StopRecordingDialog
          id={recording.id}
          room={id}
          isOpen={shown.dialog === 'stopRecording'}
          onClose={shown.closeDialog}
        />
      )}
      <ShortcutsDialog
        isOpen={shown.dialog === 'shortcuts'}
        onClose={shown.closeDialog}
        enabled={shortcuts.enabled}
        onEnable={shortcuts.setEnabled}
      />
      <Dialog
        title={t('connect.title')}
        isOpen={shown.dialog === 'connection'}
        onClose={shown.closeDialog}
        wide
      >
        <ConnectionChecks />
      </Dialog>
      <Spoken lines={lines} />
    </div>
  );
}
