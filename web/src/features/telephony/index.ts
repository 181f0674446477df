/** What the administration shows of telephony. */
export { TelephonyCard } from './components/TelephonyCard';
