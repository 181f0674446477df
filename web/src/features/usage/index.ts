/** What went on, minute by minute, and how the server does now: figures and charts for the administration. */
export { UsageCards } from './components/UsageCards';
export { VitalsCard } from './components/VitalsCard';
