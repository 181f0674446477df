// Draws /api/openapi.json: operations by tag, each with its parameters, body and answers.
const element = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children.filter((child) => child !== null));
  return made;
};

const shape = (schema, schemas, seen = []) => {
  if (!schema) return 'nothing';
  if (schema.$ref) {
    const name = schema.$ref.split('/').pop();
    return seen.includes(name) ? name : shape(schemas[name], schemas, [...seen, name]);
  }
  const variants = schema.oneOf ?? schema.anyOf;
  if (variants) return variants.map((variant) => shape(variant, schemas, seen)).join(' | ');
  if (schema.allOf) return schema.allOf.map((part) => shape(part, schemas, seen)).join(' & ');
  if (schema.enum) return schema.enum.map((word) => JSON.stringify(word)).join(' | ');
  const types = [schema.type].flat();
  if (types.includes('array')) return `${shape(schema.items, schemas, seen)}[]`;
  if (schema.properties) {
    const indent = '  '.repeat(seen.length + 1);
    const fields = Object.entries(schema.properties).map(([name, field]) => {
      const mark = schema.required?.includes(name) ? '' : '?';
      const about = field.description ? `  // ${field.description.split('\n')[0]}` : '';
      return `${indent}${name}${mark}: ${shape(field, schemas, [...seen, ''])}${about}`;
    });
    return `{\n${fields.join('\n')}\n${'  '.repeat(seen.length)}}`;
  }
  return types.filter(Boolean).join(' | ') || 'any';
};

const content = (title, described, schemas) => {
  const schema = Object.values(described?.content ?? {})[0]?.schema;
  if (!schema) return null;
  return element('div', {}, element('h4', { textContent: title }),
    element('pre', { textContent: shape(schema, schemas) }));
};

const operation = (method, path, described, schemas) => {
  const parameters = (described.parameters ?? []).map((parameter) => element('li', {},
    element('code', { textContent: `${parameter.in} ${parameter.name}` }),
    ` ${parameter.description ?? ''}`));
  const answers = Object.entries(described.responses ?? {}).map(([status, answer]) =>
    content(`Answer ${status}`, answer, schemas)
      ?? element('h4', { textContent: `Answer ${status}, empty` }));
  return element('details', { id: described.operationId },
    element('summary', {},
      element('code', { className: 'method', textContent: method.toUpperCase() }),
      element('code', { textContent: path }), ` ${described.summary ?? ''}`),
    element('div', { className: 'body' },
      element('p', { textContent: described.description ?? '' }),
      parameters.length ? element('ul', {}, ...parameters) : null,
      content('Body', described.requestBody, schemas), ...answers));
};

const draw = (api) => {
  document.querySelector('#about').textContent = `Version ${api.info.version}. ${api.info.description}`;
  const tags = new Map();
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, described] of Object.entries(methods)) {
      const tag = described.tags?.[0] ?? 'other';
      if (!tags.has(tag)) tags.set(tag, []);
      tags.get(tag).push(operation(method, path, described, api.components.schemas));
    }
  }
  document.querySelector('#operations').replaceChildren(...[...tags].map(([tag, operations]) =>
    element('section', {}, element('h2', { textContent: tag }), ...operations)));
};

try {
  draw(await (await fetch('/api/openapi.json')).json());
} catch (error) {
  document.querySelector('#operations').textContent = `The description could not be loaded: ${error.message}`;
}
