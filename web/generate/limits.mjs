// Writes src/api/limits.json: what docs/openapi.json asks of each field that can be sent, for the page's own checks.
import { readFileSync, writeFileSync } from 'node:fs';

const RULES = ['minLength', 'maxLength', 'pattern', 'minimum', 'maximum'];

export function limitsOf(document) {
  const schemas = document.components.schemas;
  const sent = Object.values(document.paths)
    .flatMap((methods) => Object.values(methods))
    .map((operation) => operation.requestBody?.content?.['application/json']?.schema?.$ref)
    .filter(Boolean)
    .map((reference) => reference.split('/').at(-1));
  const entries = [...new Set(sent)].sort().map((name) => {
    const fields = Object.entries(schemas[name]?.properties ?? {})
      .map(([field, schema]) => [field, rulesOf(schema, schemas)])
      .filter(([, rules]) => Object.keys(rules).length > 0);
    return [name, Object.fromEntries(fields)];
  });
  return Object.fromEntries(entries.filter(([, fields]) => Object.keys(fields).length > 0));
}

function rulesOf(schema, schemas) {
  const rules = {};
  if (schema.$ref) Object.assign(rules, rulesOf(schemas[schema.$ref.split('/').at(-1)] ?? {}, schemas));
  for (const part of [...(schema.allOf ?? []), ...(schema.oneOf ?? []), ...(schema.anyOf ?? [])]) {
    Object.assign(rules, rulesOf(part, schemas));
  }
  for (const rule of RULES) if (schema[rule] !== undefined) rules[rule] = schema[rule];
  return rules;
}

if (import.meta.filename === process.argv[1]) {
  const document = JSON.parse(readFileSync(new URL('../../docs/openapi.json', import.meta.url)));
  const target = new URL('../src/api/limits.json', import.meta.url);
  writeFileSync(target, `${JSON.stringify(limitsOf(document), null, 2)}\n`);
}
