// Runs in the page: thin verbs over unmodified livekit-client, called from the tests.
const { Room, RoomEvent, Track, ExternalE2EEKeyProvider } = LivekitClient;
const log = [];
let room;

const plain = (value) => {
  if (value === undefined || value === null || typeof value !== 'object') return value;
  if (value.identity !== undefined) return value.identity;
  if (value.trackSid !== undefined) return value.trackSid;
  if (value.sid !== undefined) return value.sid;
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (Array.isArray(value)) return value.map(plain);
  try {
    return JSON.parse(JSON.stringify(value));
  } catch {
    return String(value);
  }
};

/** The line of a session description that says this about ICE. */
const iceLine = (sdp, name) => sdp.match(new RegExp(`^a=${name}:.*$`, 'm'))[0].trim();
let whip;

const publicationOf = (source) => room.localParticipant.getTrackPublication(source);

const participant = (identity) => {
  if (identity === room.localParticipant.identity) return room.localParticipant;
  const found = room.remoteParticipants.get(identity);
  if (!found) throw new Error(`no participant ${identity}`);
  return found;
};

window.bare = {
  async join(url, token, { mode = 'single', room: roomOptions = {}, connect = {}, e2eeKey } = {}) {
    const options = { singlePeerConnection: mode === 'single', ...roomOptions };
    if (e2eeKey) {
      const keyProvider = new ExternalE2EEKeyProvider();
      options.encryption = {
        keyProvider,
        worker: new Worker('/e2ee-worker.mjs', { type: 'module' }),
      };
      await keyProvider.setKey(e2eeKey);
    }
    room = new Room(options);
    window.room = room;
    for (const name of Object.values(RoomEvent)) {
      room.on(name, (...detail) => log.push({ name, detail: detail.map(plain) }));
    }
    room.on(RoomEvent.TrackSubscribed, (track) => {
      const element = track.attach();
      element.muted = false;
      element.width = 640;
      document.getElementById('media').append(element);
    });
    room.on(RoomEvent.TrackUnsubscribed, (track) => {
      for (const element of track.detach()) element.remove();
    });
    if (e2eeKey) await room.setE2EEEnabled(true);
    await room.connect(url, token, connect);
  },
  async publish({ camera = true, microphone = true, options = {} } = {}) {
    if (microphone) await room.localParticipant.setMicrophoneEnabled(true);
    if (camera) await room.localParticipant.setCameraEnabled(true, { resolution: { width: 1280, height: 720, frameRate: 30 } }, options);
  },
  /** Publishes over HTTP (WHIP) as an encoder would, without livekit-client; what the server said. */
  async whip(endpoint, token, { codec, simulcast = false } = {}) {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 1280, height: 720 } });
    const connection = new RTCPeerConnection();
    for (const track of stream.getTracks()) {
      const video = track.kind === 'video';
      const sendEncodings = video && simulcast ? [
        { rid: 'q', scaleResolutionDownBy: 4 }, { rid: 'h', scaleResolutionDownBy: 2 }, { rid: 'f' },
      ] : undefined;
      const transceiver = connection.addTransceiver(track, { direction: 'sendonly', streams: [stream], sendEncodings });
      if (video && codec) {
        const { codecs } = RTCRtpSender.getCapabilities('video');
        transceiver.setCodecPreferences(codecs.filter(({ mimeType }) => mimeType.toLowerCase() === `video/${codec}`));
      }
    }
    await connection.setLocalDescription();
    const authorization = token ? { authorization: `Bearer ${token}` } : {};
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/sdp', ...authorization },
      body: connection.localDescription.sdp,
    });
    const sdp = await response.text();
    if (response.status !== 201) return { status: response.status, said: sdp };
    const location = new URL(response.headers.get('location'), endpoint).href;
    whip = { connection, authorization, location, etag: response.headers.get('etag') };
    await connection.setRemoteDescription({ type: 'answer', sdp });
    return { status: 201, location, etag: whip.etag, answer: sdp };
  },
  whipState: () => whip.connection.connectionState,
  async whipPatch(etag, body) {
    const headers = { 'content-type': 'application/trickle-ice-sdpfrag', 'if-match': etag, ...whip.authorization };
    const response = await fetch(whip.location, { method: 'PATCH', headers, body });
    return { status: response.status, etag: response.headers.get('etag'), said: await response.text() };
  },
  /** The candidate that was found first, of the generation that the server knows. */
  whipTrickle() {
    const { sdp } = whip.connection.localDescription;
    return bare.whipPatch(whip.etag, `${iceLine(sdp, 'candidate')}\r\n`);
  },
  /** New credentials on both sides (RFC 9725 section 4.3.3); what the server said. */
  async whipRestart() {
    const { connection } = whip;
    const before = connection.remoteDescription.sdp;
    connection.restartIce();
    await connection.setLocalDescription();
    const { sdp } = connection.localDescription;
    const answer = await bare.whipPatch('*', `${iceLine(sdp, 'ice-ufrag')}\r\n${iceLine(sdp, 'ice-pwd')}\r\n`);
    if (answer.status !== 200) return answer;
    whip.etag = answer.etag;
    const candidates = answer.said.match(/^a=candidate:.*$/gm).map((line) => line.trim());
    let first = true;
    const lines = before.split('\r\n').filter((line) => !line.startsWith('a=candidate:')).flatMap((line) => {
      if (line.startsWith('a=ice-ufrag:')) return [iceLine(answer.said, 'ice-ufrag')];
      if (line.startsWith('a=ice-pwd:')) return [iceLine(answer.said, 'ice-pwd')];
      if (line.startsWith('a=mid:') && first) {
        first = false;
        return [line, ...candidates];
      }
      return [line];
    });
    await connection.setRemoteDescription({ type: 'answer', sdp: lines.join('\r\n') });
    return answer;
  },
  async whipEnd() {
    const response = await fetch(whip.location, { method: 'DELETE', headers: whip.authorization });
    return response.status;
  },
  setMicrophone: (on) => room.localParticipant.setMicrophoneEnabled(on).then(() => undefined),
  setCamera: (on) => room.localParticipant.setCameraEnabled(on).then(() => undefined),
  async publishCanvas(width, height) {
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const context = canvas.getContext('2d');
    let frame = 0;
    setInterval(() => {
      context.fillStyle = `hsl(${(frame += 7) % 360} 90% 50%)`;
      context.fillRect(0, 0, width, height);
    }, 50);
    const [track] = canvas.captureStream(20).getVideoTracks();
    await room.localParticipant.publishTrack(track, { source: Track.Source.ScreenShare, simulcast: false });
  },
  /** A white picture and a beep at the same moment, a tenth of each second; black and silent otherwise. */
  async publishFlashes() {
    const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 180 });
    const context = canvas.getContext('2d');
    const audio = new AudioContext();
    const [tone, gain, out] = [audio.createOscillator(), audio.createGain(), audio.createMediaStreamDestination()];
    gain.gain.value = 0;
    tone.connect(gain).connect(out);
    tone.start();
    let lit;
    setInterval(() => {
      const now = audio.currentTime % 1 < 0.1;
      if (now !== lit) gain.gain.value = now ? 0.5 : 0;
      lit = now;
      context.fillStyle = now ? '#fff' : '#000';
      context.fillRect(0, 0, 320, 180);
    }, 5);
    const [picture] = canvas.captureStream(30).getVideoTracks();
    await room.localParticipant.publishTrack(picture, { source: Track.Source.Camera, simulcast: false });
    await room.localParticipant.publishTrack(out.stream.getAudioTracks()[0], { source: Track.Source.Microphone, dtx: false });
  },
  async unpublish(source) {
    const publication = publicationOf(source);
    await room.localParticipant.unpublishTrack(publication.track);
  },
  localTracks: () => [...room.localParticipant.trackPublications.values()].map((p) => ({ sid: p.trackSid, source: p.source, muted: p.isMuted })),
  participants: () =>
    [...room.remoteParticipants.values()].map((p) => ({
      identity: p.identity, name: p.name, metadata: p.metadata, attributes: p.attributes,
      quality: p.connectionQuality, speaking: p.isSpeaking,
      tracks: [...p.trackPublications.values()].map((t) => ({ sid: t.trackSid, source: t.source, muted: t.isMuted, subscribed: t.isSubscribed, mimeType: t.mimeType })),
    })),
  async received() {
    const rows = [];
    for (const remote of room.remoteParticipants.values()) {
      for (const publication of remote.trackPublications.values()) {
        if (!publication.track) continue;
        const report = await publication.track.getRTCStatsReport();
        if (!report) continue;
        for (const stat of report.values()) {
          if (stat.type !== 'inbound-rtp') continue;
          rows.push({
            identity: remote.identity, source: publication.source, kind: stat.kind,
            framesDecoded: stat.framesDecoded ?? 0, packetsReceived: stat.packetsReceived ?? 0,
            bytesReceived: stat.bytesReceived ?? 0, width: stat.frameWidth ?? 0, height: stat.frameHeight ?? 0,
            totalAudioEnergy: stat.totalAudioEnergy ?? 0,
            mimeType: report.get(stat.codecId)?.mimeType ?? '',
          });
        }
      }
    }
    return rows;
  },
  /** Share of pixels of `identity`'s picture that are not black, 0 to 1. */
  picture(identity, source) {
    const track = participant(identity).getTrackPublication(source)?.track;
    const element = track?.attachedElements?.[0];
    if (!element?.videoWidth) return 0;
    const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 36 });
    const context = canvas.getContext('2d');
    context.drawImage(element, 0, 0, 64, 36);
    const { data } = context.getImageData(0, 0, 64, 36);
    let bright = 0;
    for (let i = 0; i < data.length; i += 4) if (data[i] + data[i + 1] + data[i + 2] > 60) bright += 1;
    return bright / (data.length / 4);
  },
  events: (name) => (name ? log.filter((entry) => entry.name === name) : log),
  state: () => room.state,
  subscribe: (identity, source, on) => participant(identity).getTrackPublication(source).setSubscribed(on),
  quality: (identity, source, quality) => participant(identity).getTrackPublication(source).setVideoQuality(quality),
  enabled: (identity, source, on) => participant(identity).getTrackPublication(source).setEnabled(on),
  simulate: (scenario) => room.simulateScenario(scenario),
  sendData: (text, options) => room.localParticipant.publishData(new TextEncoder().encode(text), options),
  serveRpc: (method) => room.registerRpcMethod(method, async ({ payload, callerIdentity }) => `${callerIdentity} said ${payload}`),
  callRpc: (destinationIdentity, method, payload) => room.localParticipant.performRpc({ destinationIdentity, method, payload }),
  serveText(topic) {
    room.registerTextStreamHandler(topic, async (reader, from) => log.push({ name: `text:${topic}`, detail: [from.identity, await reader.readAll()] }));
  },
  sendText: (text, options) => room.localParticipant.sendText(text, options).then(() => undefined),
  serveBytes(topic) {
    room.registerByteStreamHandler(topic, async (reader, from) => {
      let size = 0;
      let sum = 0;
      for await (const chunk of reader) for (const byte of chunk) { size += 1; sum = (sum + byte) % 65521; }
      log.push({ name: `bytes:${topic}`, detail: [from.identity, size, sum] });
    });
  },
  async sendBytes(size, topic) {
    const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 31) % 251);
    const writer = await room.localParticipant.streamBytes({ name: 'bytes', topic, totalSize: size });
    await writer.write(bytes);
    await writer.close();
    return bytes.reduce((sum, byte) => (sum + byte) % 65521, 0);
  },
  setMetadata: (metadata) => room.localParticipant.setMetadata(metadata),
  setName: (name) => room.localParticipant.setName(name),
  setAttributes: (attributes) => room.localParticipant.setAttributes(attributes),
  setTrackPermissions: (all, permissions) => room.localParticipant.setTrackSubscriptionPermissions(all, permissions),
  roomInfo: () => ({ name: room.name, metadata: room.metadata, participants: room.numParticipants }),
  serverInfo: () => room.serverInfo && plain(room.serverInfo),
  leave: () => room.disconnect(),
};
