/** Who is where in the grid, kept from one picture of the call to the next. */
import { useState } from 'react';
import { broughtForward, placesKept } from '../layout';

export function usePlaces(
  present: string[],
  onFirstPage: number,
  speaker: string | null,
  spokeAt: ReadonlyMap<string, number>,
): string[] {
  const [places, setPlaces] = useState<string[]>([]);
  const next = broughtForward(placesKept(places, present), onFirstPage, speaker, spokeAt);
  const moved = next.length !== places.length || next.some((place, i) => place !== places[i]);
  if (moved) setPlaces(next);
  return next;
}
