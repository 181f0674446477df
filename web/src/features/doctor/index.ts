/** What the administration shows of the doctor. */
export { DoctorCard } from './components/DoctorCard';
