// What axe has against a page: nothing, or the test fails.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';

const axe = await readFile(new URL(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

export async function accessible(page: Page): Promise<void> {
  // What slides or fades in has its colours only at the end; what moves for ever never ends.
  await page.evaluate(async () => {
    const ending = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(ending.map(({ finished }) => finished));
  });
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: {
        run: (context: object) => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
      };
    };
    // react-aria's announcer keeps pointing at a button for some seconds after it is gone.
    const { violations } = await axe.run({ exclude: [['[data-live-announcer]']] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
  });
  assert.deepEqual(violations, []);
}
