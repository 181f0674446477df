/** Does something that the server may refuse: a refusal is said at the edge of the screen, and the page goes on. */
import { problemText } from '../api/problem';
import { toast } from './Toasts';

export async function attempt(action: Promise<unknown>): Promise<void> {
  try {
    await action;
  } catch (error) {
    toast(problemText(error), 'danger');
  }
}
