/** Settings of the site that administrators change while it runs. */
export { SettingsCard } from './components/SettingsCard';
