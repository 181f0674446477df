/** What the administration shows of telephony, and whether one of LiveKit's services is there. */
export { TelephonyCard } from './components/TelephonyCard';
