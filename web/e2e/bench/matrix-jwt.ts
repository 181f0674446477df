// /sfu/get of the MatrixRTC service, `convoke matrix-jwt` or a peer that takes the same environment.
import { Child } from '../harness/child.ts';
import { Authority, Homeserver } from '../harness/homeserver.ts';
import { matrixJwtEnvironment } from '../harness/matrix-jwt.ts';
import { freeTcpPort } from '../harness/ports.ts';
import { type Measured, measure } from './load.ts';
import { residentMebibytes } from './proc.ts';

export type Access = Measured & { idleMebibytes: number; mebibytes: number };

/** Each request makes the service ask a homeserver over TLS; its user may not make rooms, so no LiveKit is asked. */
export async function measureAccess(binary: string, args: string[]): Promise<Access> {
  const authority = await Authority.make();
  const homeserver = await Homeserver.start(authority);
  const port = await freeTcpPort();
  const url = `http://127.0.0.1:${port}`;
  const service = new Child(binary, binary, args, {
    ...matrixJwtEnvironment(port),
    LIVEKIT_LOG_LEVEL: 'error',
    CONVOKE_MATRIX_RATE_LIMIT: '1000000',
    CONVOKE_MATRIX_RATE_LIMIT_BURST: '1000000',
  });
  try {
    await service.until('be healthy', async () => (await fetch(`${url}/healthz`)).ok);
    const idleMebibytes = await residentMebibytes(service.pid);
    const { openid_token } = homeserver.tokenRequest('ann', '!r:x');
    const load = {
      url: `${url}/sfu/get`,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ room: '!r:x', openid_token, device_id: 'D' }),
      requests: 3000,
      concurrency: 16,
    };
    const measured = await measure(load, [service.pid]);
    return { ...measured, idleMebibytes, mebibytes: await residentMebibytes(service.pid) };
  } finally {
    await service.stop();
    await homeserver.stop();
    await authority.remove();
  }
}
