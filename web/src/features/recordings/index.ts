/** What the call, the room's settings and the administration use of recordings. */
export { LiveRecordingsCard } from './components/LiveRecordingsCard';
export { RecordingNotice } from './components/RecordingNotice';
export { RecordingSign } from './components/RecordingSign';
export { RecordingStatus, StateBadge } from './components/RecordingStatus';
export { RecordingsCard } from './components/RecordingsCard';
export { StartRecordingDialog } from './components/StartRecordingDialog';
export { StopRecordingDialog } from './components/StopRecordingDialog';
export { type CallRecording, useCallRecording } from './hooks/useCallRecording';
export { useEndOfRecording } from './hooks/useEndOfRecording';
