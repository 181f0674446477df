// Which `convoke` is under test: CONVOKE_BIN, else the debug build of this checkout.
import { existsSync } from 'node:fs';
import path from 'node:path';

export function convokeBinary(): string {
  const binary =
    process.env.CONVOKE_BIN ?? path.resolve(import.meta.dirname, '../../../target/debug/convoke');
  if (!existsSync(binary)) throw new Error(`${binary} is missing: run \`make build-debug\` first`);
  return binary;
}
