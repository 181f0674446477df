/** The ids of rooms that are named by their links or ids, one after another with commas between. */
import { answer, api } from '../../../api/client';
import { Problem } from '../../../api/problem';
import { isRoomId } from '../../rooms';

export async function findRooms(text: string): Promise<string[]> {
  const names = text
    .split(',')
    .map((name) => name.trim().replace(/^.*\//, ''))
    .filter(Boolean);
  return Promise.all(names.map(find));
}

async function find(name: string): Promise<string> {
  if (isRoomId(name)) return name;
  try {
    const path = { slug: name.toLowerCase() };
    return (await api.GET('/api/rooms/{slug}', { params: { path } }).then(answer)).id;
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 404) throw error;
    const field = { field: 'rooms', code: 'no_such_link', detail: name };
    throw new Problem(422, 'validation_failed', '', [field]);
  }
}
