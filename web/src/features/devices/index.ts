/** What other features may use of cameras, microphones and speakers. */
export { type DeviceChoices, storeChoices, storedChoices } from './choices';
export { DeviceHelp } from './components/DeviceHelp';
export { LevelMeter } from './components/LevelMeter';
export { type DeviceFailure, deviceFailure } from './failure';
export { useDevices } from './hooks/useDevices';
export { usePreview } from './hooks/usePreview';
export { playTestSound } from './testSound';
