import { expect, test } from 'vitest';
import { GROUPS, withGroup, withType } from './events';

const invites = GROUPS.get('invite') ?? [];

test('a group that is chosen whole is one word', () => {
  expect(withGroup(['room.created', 'invite.revoked'], 'invite', true)).toEqual([
    'room.created',
    'invite.*',
  ]);
  expect(withGroup(['room.created', 'invite.*'], 'invite', false)).toEqual(['room.created']);
});

test('a type that is taken out of a group leaves the others', () => {
  expect(invites.length).toBeGreaterThan(1);
  const less = withType(['invite.*', 'room.created'], 'invite.created', false);
  expect(less).toEqual(['room.created', ...invites.filter((type) => type !== 'invite.created')]);
  expect(withType(less, 'invite.created', true)).toEqual(['room.created', 'invite.*']);
});
