/** Says what is to be sent out and where to. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { components } from '../../../api/schema';
import { DialogForm } from '../../../primitives/DialogForm';
import { Select, Switch, TextField } from '../../../primitives/Field';
import { useAction } from '../../../primitives/useAction';
import { RoomField } from '../../rooms';
import { startEgress } from '../api/startEgress';

type Target = components['schemas']['EgressTarget'];
type Kind = Target['kind'];

const KINDS: Kind[] = ['room', 'participant', 'tracks', 'track', 'web'];
const STREAM = /^(rtmps?|srt|mux|twitch):\/\//;
export const LAYOUTS = ['grid', 'speaker', 'single-speaker'] as const;

export function NewEgress({ onMade, onClose }: { onMade: () => void; onClose: () => void }) {
  const { t } = useTranslation();
  const [kind, setKind] = useState<Kind>('room');
  const [text, setText] = useState({
    room: '',
    identity: '',
    audio: '',
    video: '',
    track: '',
    url: '',
    file: '',
    playlist: '',
    stream: '',
  });
  const [layout, setLayout] = useState<string>(LAYOUTS[0]);
  const [audioOnly, setAudioOnly] = useState(false);
  const [screenShare, setScreenShare] = useState(false);
  const at = (name: keyof typeof text) => ({
    value: text[name],
    onChange: (value: string) => setText((before) => ({ ...before, [name]: value })),
  });
  const { run, pending, failure } = useAction(async () => {
    const of = (name: keyof typeof text) => text[name].trim();
    const target: Target = {
      room: { kind: 'room', room: of('room'), layout, audio_only: audioOnly } as const,
      participant: {
        kind: 'participant',
        room: of('room'),
        identity: of('identity'),
        screen_share: screenShare,
      } as const,
      tracks: {
        kind: 'tracks',
        room: of('room'),
        audio_track_id: of('audio'),
        video_track_id: of('video'),
      } as const,
      track: { kind: 'track', room: of('room'), track_id: of('track') } as const,
      web: { kind: 'web', url: of('url'), audio_only: audioOnly } as const,
    }[kind];
    await startEgress({
      target,
      outputs: {
        file: of('file') || null,
        playlist: (kind !== 'track' && of('playlist')) || null,
        streams: kind !== 'track' && of('stream') !== '' ? [of('stream')] : [],
      },
    });
    onMade();
    onClose();
  });
  const isNowhere = [text.stream, text.file, text.playlist].every((place) => place.trim() === '');
  const hasNoTrack = [text.audio, text.video].every((track) => track.trim() === '');
  const someTrack = () => (hasNoTrack ? t('egress.needsTrack') : undefined);
  const somewhere = () => (isNowhere ? t('egress.needsOutput') : undefined);
  return (
    <DialogForm
      action={t('egress.start')}
      pending={pending}
      failure={failure}
      onSubmit={() => void run()}
      onClose={onClose}
    >
      <Select
        label={t('egress.what')}
        value={kind}
        onChange={(id) => setKind(KINDS.find((known) => known === id) ?? 'room')}
        choices={KINDS.map((id) => ({
          id,
          label: t(`egress.kind.${id}`),
          hint: t(`egress.kindHint.${id}`),
        }))}
      />
      {kind !== 'web' && (
        <RoomField name="target" label={t('ingress.room')} isLive {...at('room')} />
      )}
      {kind === 'room' && (
        <Select
          label={t('egress.layout')}
          value={layout}
          onChange={(id) => setLayout(String(id))}
          choices={LAYOUTS.map((id) => ({ id, label: t(`egress.layouts.${id}`) }))}
        />
      )}
      {kind === 'participant' && (
        <>
          <TextField
            name="identity"
            label={t('egress.identity')}
            hint={t('egress.identityHint')}
            {...at('identity')}
            isRequired
          />
          <Switch
            label={t('egress.screenShare')}
            isSelected={screenShare}
            onChange={setScreenShare}
          />
        </>
      )}
      {kind === 'tracks' && (
        <>
          <TextField
            name="audio"
            label={t('egress.audioTrack')}
            check={someTrack}
            settles={['video']}
            {...at('audio')}
          />
          <TextField
            name="video"
            label={t('egress.videoTrack')}
            check={someTrack}
            settles={['audio']}
            {...at('video')}
          />
        </>
      )}
      {kind === 'track' && (
        <TextField name="track" label={t('egress.track')} {...at('track')} isRequired />
      )}
      {kind === 'web' && (
        <TextField name="target" label={t('egress.url')} {...at('url')} isRequired />
      )}
      {(kind === 'room' || kind === 'web') && (
        <Switch label={t('egress.audioOnly')} isSelected={audioOnly} onChange={setAudioOnly} />
      )}
      {kind !== 'track' && (
        <TextField
          name="outputs.streams"
          label={t('egress.streamTo')}
          hint={t('egress.streamHint')}
          check={(address) =>
            address.trim() === '' || STREAM.test(address.trim())
              ? somewhere()
              : t('egress.streamRule')
          }
          {...at('stream')}
        />
      )}
      <TextField
        name="outputs.file"
        label={t('egress.file')}
        hint={t('egress.fileHint')}
        isRequired={kind === 'track'}
        settles={['outputs.streams']}
        {...at('file')}
      />
      {kind !== 'track' && (
        <TextField
          name="outputs.playlist"
          label={t('egress.playlist')}
          hint={t('egress.playlistHint')}
          settles={['outputs.streams']}
          {...at('playlist')}
        />
      )}
    </DialogForm>
  );
}
