/** Live updates from the server. */
export { useEvents } from './hooks/useEvents';
