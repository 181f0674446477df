/** What the call and the room settings use of participants. */
export { ban } from './api/ban';
export { kick } from './api/kick';
export { listBans } from './api/listBans';
export { listParticipants } from './api/listParticipants';
export { muteAll } from './api/muteAll';
export { muteTrack } from './api/muteTrack';
export { raiseHand } from './api/raiseHand';
export { unban } from './api/unban';
export { ParticipantsPanel } from './components/ParticipantsPanel';
export { PermissionsDialog } from './components/PermissionsDialog';
export { useActsOn } from './hooks/useActsOn';
