// As much of a Matrix client as Element Call's widget needs: its requests go to the homeserver, the room's events to it.
'use strict';

const VERSIONS = [
  '0.0.1', '0.0.2', 'org.matrix.msc2762', 'org.matrix.msc2762_update_state', 'org.matrix.msc2876', 'org.matrix.msc3819',
  'org.matrix.msc3869', 'org.matrix.msc4157', 'org.matrix.msc4515',
];
const WIDGET = 'element-call';

class MatrixError extends Error {
  constructor(status, url, body) {
    super(body.error ?? `the homeserver answers ${status}`);
    this.api = { http_status: status, http_headers: {}, url, response: body };
  }
}

/** The client-server API with one person's access token. */
class Homeserver {
  constructor(baseUrl, accessToken) {
    this.baseUrl = baseUrl;
    this.accessToken = accessToken;
  }

  async ask(method, path, query = {}, body) {
    const url = new URL(`${this.baseUrl}/_matrix/client${path}`);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
    const response = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${this.accessToken}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw new MatrixError(response.status, `${url}`, answer);
    return answer;
  }
}

window.startCall = ({ baseUrl, accessToken, userId, deviceId, roomId }) => {
  const homeserver = new Homeserver(baseUrl, accessToken);
  const room = `/v3/rooms/${encodeURIComponent(roomId)}`;
  let number = 0;
  const transaction = () => `${Date.now()}-${(number += 1)}`;
  const frame = document.createElement('iframe');
  frame.allow = 'camera; microphone; autoplay; display-capture';
  const parameters = new URLSearchParams({
    widgetId: WIDGET, parentUrl: location.href, roomId, userId, deviceId, baseUrl,
    intent: 'join_existing', skipLobby: 'true', perParticipantE2EE: 'false', confineToRoom: 'true', lang: 'en',
  });
  frame.src = `/widget/index.html#?${parameters}`;

  const waiting = new Map();
  const post = (message) => frame.contentWindow.postMessage(message, location.origin);
  const tell = (action, data) =>
    new Promise((answered) => {
      const requestId = `host-${(number += 1)}`;
      waiting.set(requestId, answered);
      post({ api: 'toWidget', widgetId: WIDGET, requestId, action, data });
    });

  async function sendEvent({ type, state_key: stateKey, content, delay, parent_delay_id, sticky_duration_ms }) {
    const query = {
      'org.matrix.msc4140.delay': delay,
      'org.matrix.msc4140.parent_delay_id': parent_delay_id,
      'org.matrix.msc4354.sticky_duration_ms': sticky_duration_ms,
    };
    const name = encodeURIComponent(type);
    const path = stateKey === undefined
      ? `${room}/send/${name}/${transaction()}`
      : `${room}/state/${name}/${encodeURIComponent(stateKey)}`;
    return { room_id: roomId, ...(await homeserver.ask('PUT', path, query, content)) };
  }

  const actions = {
    supported_api_versions: () => ({ supported_versions: VERSIONS }),
    content_loaded: () => {
      void begin();
      return {};
    },
    send_event: sendEvent,
    'org.matrix.msc4157.update_delayed_event': ({ delay_id, action }) => {
      const path = `/unstable/org.matrix.msc4140/delayed_events/${encodeURIComponent(delay_id)}/${action}`;
      return homeserver.ask('POST', path, {}, {});
    },
    send_to_device: ({ type, messages }) =>
      homeserver.ask('PUT', `/v3/sendToDevice/${encodeURIComponent(type)}/${transaction()}`, {}, { messages }),
    get_openid: async () => {
      const path = `/v3/user/${encodeURIComponent(userId)}/openid/request_token`;
      return { state: 'allowed', ...(await homeserver.ask('POST', path, {}, {})) };
    },
    'org.matrix.msc4515.get_rtc_transports': () => homeserver.ask('GET', '/unstable/org.matrix.msc4143/rtc/transports'),
    'org.matrix.msc3869.read_relations': ({ event_id, rel_type, event_type }) => {
      const kind = [rel_type, event_type].filter(Boolean).map(encodeURIComponent).join('/');
      const path = `/v1/rooms/${encodeURIComponent(roomId)}/relations/${encodeURIComponent(event_id)}/${kind}`;
      return homeserver.ask('GET', path);
    },
    'org.matrix.msc2876.read_events': () => ({ events: [] }),
    set_always_on_screen: () => ({ success: true }),
  };

  window.addEventListener('message', async ({ data, source }) => {
    if (source !== frame.contentWindow || data?.widgetId !== WIDGET) return;
    if (data.api === 'toWidget') {
      waiting.get(data.requestId)?.(data.response);
      waiting.delete(data.requestId);
      return;
    }
    // What this list does not have are reports to the client, such as that the person has joined.
    const act = actions[data.action] ?? (() => ({}));
    try {
      post({ ...data, response: await act(data.data) });
    } catch (error) {
      console.warn(data.action, error.message);
      post({ ...data, response: { error: { message: error.message, matrix_api_error: error.api } } });
    }
  });

  async function begin() {
    const { capabilities } = await tell('capabilities', {});
    await tell('notify_capabilities', { requested: capabilities, approved: capabilities });
    const state = await homeserver.ask('GET', `${room}/state`);
    await tell('update_state', { state: state.map((event) => ({ ...event, room_id: roomId })) });
    void follow();
  }

  async function follow() {
    const filter = JSON.stringify({ room: { rooms: [roomId], timeline: { limit: 50 } }, presence: { types: [] } });
    let since;
    for (;;) {
      try {
        const sync = await homeserver.ask('GET', '/v3/sync', { since, filter, timeout: since ? 20_000 : 0 });
        const joined = sync.rooms?.join?.[roomId];
        const events = (list) => (list?.events ?? []).map((event) => ({ ...event, room_id: roomId }));
        const timeline = events(joined?.timeline);
        if (since) {
          for (const event of timeline) void tell('send_event', event);
          for (const event of sync.to_device?.events ?? []) void tell('send_to_device', { ...event, encrypted: false });
        }
        const state = [...events(joined?.state), ...timeline.filter((event) => event.state_key !== undefined)];
        if (state.length > 0) void tell('update_state', { state });
        since = sync.next_batch;
      } catch (error) {
        console.warn('sync', error.message);
        await new Promise((wake) => setTimeout(wake, 500));
      }
    }
  }

  window.hangUp = () => tell('im.vector.hangup', {});
  document.body.append(frame);
};
