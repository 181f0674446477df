/** What the administration shows of live rooms. */
export { listLiveRooms } from './api/listLiveRooms';
export { LiveRoomsCard } from './components/LiveRoomsCard';
