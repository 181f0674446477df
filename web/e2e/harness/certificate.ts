// A certificate that nobody signed, for browsers that are told to ask nobody.
import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

/** What a browser must be told. */
export const anyCertificate = '--ignore-certificate-errors';

/** Files that go with this process. */
export async function unsigned(): Promise<{ certificate: string; key: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'convoke-certificate-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const [certificate, key] = [path.join(folder, 'cert.pem'), path.join(folder, 'key.pem')];
  await promisify(execFile)('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '60',
    '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-out', certificate, '-keyout', key,
  ]);
  return { certificate, key };
}
