import type { TrackReferenceOrPlaceholder } from '@livekit/components-react';
import { screen } from '@testing-library/react';
import { Track } from 'livekit-client';
import { expect, test, vi } from 'vitest';
import { show } from '../../../testing';
import { Tile } from './Tile';

vi.mock('@livekit/components-react', () => ({
  useIsSpeaking: () => false,
  useConnectionQualityIndicator: () => ({ quality: 'excellent' }),
  VideoTrack: () => null,
}));

function tiles(pinned: boolean, isLocal = false) {
  const participant = { identity: 'b', name: 'Bob', isLocal, attributes: {} };
  show(
    [Track.Source.Camera, Track.Source.ScreenShare].map((source) => (
      <Tile
        key={source}
        trackRef={{ participant, source } as unknown as TrackReferenceOrPlaceholder}
        pinned={pinned}
        onPin={vi.fn()}
      />
    )),
  );
  return screen.getAllByRole('button').map((button) => button.getAttribute('aria-label'));
}

test('the buttons on the two tiles of one person say which they pin', () => {
  const pins = (all: (string | null)[]) => all.filter((label) => /^(Unp|P)in/.test(label ?? ''));
  expect(pins(tiles(false))).toEqual(['Pin Bob', 'Pin the screen of Bob']);
  expect(pins(tiles(true)).slice(2)).toEqual(['Unpin Bob', 'Unpin the screen of Bob']);
});

test("one's own tiles are told apart from those of a namesake", () => {
  expect(tiles(false, true)).toEqual([
    'Pin Bob (you)',
    'Options for Bob (you)',
    'Pin the screen of Bob (you)',
    'Options for the screen of Bob (you)',
  ]);
});
