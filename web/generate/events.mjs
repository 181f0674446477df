// Writes src/api/events.json: the names of live events, from docs/openapi.json. A schema's type has no value to listen for.
import { readFileSync, writeFileSync } from 'node:fs';

export const eventNamesOf = (document) => document.components.schemas.EventKind.enum;

if (import.meta.filename === process.argv[1]) {
  const document = JSON.parse(readFileSync(new URL('../../docs/openapi.json', import.meta.url)));
  const target = new URL('../src/api/events.json', import.meta.url);
  writeFileSync(target, `${JSON.stringify(eventNamesOf(document), null, 2)}\n`);
}
