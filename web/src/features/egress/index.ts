/** What goes out of rooms: files, HLS and live streams, whoever asked for them. */
export { EgressCard } from './components/EgressCard';
