/** What the administration shows of streams that encoders send into rooms. */
export { listIngresses } from './api/listIngresses';
export { IngressCard } from './components/IngressCard';
