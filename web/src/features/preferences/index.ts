/** What other features may use of preferences. */
export { AppearanceMenu } from './components/AppearanceMenu';
export { PreferencesCard } from './components/PreferencesCard';
export { usePreferences } from './hooks/usePreferences';
export { applyTheme } from './theme';
