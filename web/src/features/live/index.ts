/** What the administration shows of live rooms. */
export { LiveRoomsCard } from './components/LiveRoomsCard';
