/** How a call went for one person: measured in the call, shown to moderators. */
export { PersonQualityDialog } from './components/PersonQualityDialog';
export { QualityReporter } from './QualityReporter';
