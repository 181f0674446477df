/** What other features may use of rooms. */
export { getRoom } from './api/getRoom';
export { setLock } from './api/setLock';
export { updateRoom } from './api/updateRoom';
export { InviteCard } from './components/InviteCard';
export { RoomField } from './components/RoomField';
export { useAuditWords } from './hooks/useAuditWords';
export { usePasted } from './hooks/usePasted';
export { isRoomId } from './roomLink';
