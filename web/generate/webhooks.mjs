// Writes src/api/webhooks.json: the types of events that webhooks send, from docs/openapi.json.
import { readFileSync, writeFileSync } from 'node:fs';

// A test is sent by its button alone.
const typesOf = (document) => Object.keys(document.webhooks).filter((type) => type !== 'webhook.test');

const document = JSON.parse(readFileSync(new URL('../../docs/openapi.json', import.meta.url)));
const target = new URL('../src/api/webhooks.json', import.meta.url);
writeFileSync(target, `${JSON.stringify(typesOf(document), null, 2)}\n`);
