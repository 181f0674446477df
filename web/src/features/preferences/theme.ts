/** Light, dark or as the system says; remembered on this device. */
import { remembered } from '../../primitives/remembered';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const chosen = remembered('convoke.theme', (text) => THEMES.find((theme) => theme === text));

export const useTheme = (): Theme => chosen.use() ?? 'system';

export function applyTheme(theme: Theme = chosen.now() ?? 'system'): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

export function chooseTheme(theme: Theme): void {
  chosen.choose(theme);
  applyTheme(theme);
}
