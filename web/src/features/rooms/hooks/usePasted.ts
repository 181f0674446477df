/** Understands pasted links as leading here whichever of this site's names they have. */
import { useQuery } from '@tanstack/react-query';
import { getSite } from '../../site';
import { type Pasted, slugFromInput } from '../roomLink';

export function usePasted(): (text: string) => Pasted {
  const url = useQuery(getSite).data?.url;
  const hosts = [location.host, ...(url ? [new URL(url).host] : [])];
  return (text) => slugFromInput(text, hosts);
}
