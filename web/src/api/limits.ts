/** What the server asks of each field, from its generated description, so that the page never asks for something else. */
import limits from './limits.json';
import type { components } from './schema';

export type Rules = {
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  minimum?: number;
  maximum?: number;
};
type Schemas = components['schemas'];

export function rulesOf<Body extends keyof Schemas>(
  body: Body,
  field: keyof Schemas[Body] & string,
): Rules {
  const known: Record<string, Record<string, Rules>> = limits;
  return known[body]?.[field] ?? {};
}
