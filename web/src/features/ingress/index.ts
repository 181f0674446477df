/** What the administration shows of streams that encoders send into rooms. */
export { IngressCard } from './components/IngressCard';
