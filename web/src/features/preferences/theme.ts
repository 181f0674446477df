/** Light, dark or as the system says: as the account says, else as was chosen on this device. */
import { remembered } from '../../primitives/remembered';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const known = (text: string) => THEMES.find((theme) => theme === text);
const onDevice = remembered('convoke.theme', known);
// Remembered, too: a page that loads is not light for a moment.
const ofAccount = remembered('convoke.account.theme', known);

export function useTheme(): Theme {
  const [account, device] = [ofAccount.use(), onDevice.use()];
  return account ?? device ?? 'system';
}

export function applyTheme(): void {
  const theme = ofAccount.now() ?? onDevice.now() ?? 'system';
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

/** On this device, where no account says something else. */
export function chooseTheme(theme: Theme): void {
  onDevice.choose(theme);
  applyTheme();
}

/** What the account says; `undefined`: nothing, or there is none. */
export function preferTheme(theme: Theme | undefined): void {
  ofAccount.choose(theme);
  applyTheme();
}
