// HTTP requests at a fixed concurrency over kept-alive connections: a fixed number of them, or a fixed rate.
import http from 'node:http';
import { cpuSeconds } from './proc.ts';

export type Load = {
  url: string;
  method: string;
  headers: Record<string, string>;
  body?: string | Buffer;
  requests: number;
  concurrency: number;
  /** Whether an answer counts when it begins, and is given up then: it is a stream. */
  streams?: boolean;
};

export type Measured = { cpuMicroseconds: number; p50: number; p99: number; perSecond: number };

function once(load: Omit<Load, 'requests'>, agent: http.Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const start = process.hrtime.bigint();
    const request = http.request(load.url, { method: load.method, headers: load.headers, agent }, (response) => {
      if (load.streams && response.statusCode === 200) {
        response.destroy();
        resolve(Number(process.hrtime.bigint() - start) / 1e6);
        return;
      }
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        if (response.statusCode !== 200) {
          reject(new Error(`${load.method} ${load.url}: ${response.statusCode} ${Buffer.concat(chunks)}`));
        } else {
          resolve(Number(process.hrtime.bigint() - start) / 1e6);
        }
      });
    });
    request.on('error', reject);
    request.end(load.body);
  });
}

/** CPU is that of the processes `pids`, all that they did meanwhile, divided by the requests. */
export async function measure(load: Load, pids: number[]): Promise<Measured> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: load.concurrency });
  const cpu = async () => (await Promise.all(pids.map(cpuSeconds))).reduce((a, b) => a + b, 0);
  const times: number[] = [];
  const work = async (count: number) => {
    let left = count;
    await Promise.all(
      Array.from({ length: load.concurrency }, async () => {
        while (left > 0) {
          left -= 1;
          times.push(await once(load, agent));
        }
      }),
    );
  };
  await work(Math.ceil(load.requests / 10));
  times.length = 0;
  const before = await cpu();
  const start = Date.now();
  await work(load.requests);
  const seconds = (Date.now() - start) / 1000;
  const used = (await cpu()) - before;
  agent.destroy();
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return {
    cpuMicroseconds: (used / times.length) * 1e6,
    p50: at(0.5),
    p99: at(0.99),
    perSecond: times.length / seconds,
  };
}

/** Sends `perSecond` for `seconds`, each request no sooner than its turn; returns the rate that was reached. */
export async function hold(load: Omit<Load, 'requests'>, perSecond: number, seconds: number): Promise<number> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: load.concurrency });
  const total = perSecond * seconds;
  const start = performance.now();
  let sent = 0;
  await Promise.all(
    Array.from({ length: load.concurrency }, async () => {
      while (sent < total) {
        const early = start + (sent / perSecond) * 1000 - performance.now();
        sent += 1;
        if (early > 1) await new Promise((wake) => setTimeout(wake, early));
        await once(load, agent);
      }
    }),
  );
  agent.destroy();
  return (total / (performance.now() - start)) * 1000;
}
