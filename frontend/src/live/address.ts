import type { Place } from './sequence';

/** The hub's WebSocket address: beside the page, under whatever path a proxy serves it; a place asks to go on there. */
export function hubAddress(page: string, place: Place | null): URL {
  const address = new URL('ws/live', page);
  if (place !== null) {
    address.searchParams.set('epoch', String(place.epoch));
    address.searchParams.set('seq', String(place.seq));
  }
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  return address;
}

/** Where the REST API answers `path`; parameters that are `null` are left out. */
export function apiAddress(
  page: string,
  path: string,
  parameters: Record<string, string | number | null> = {},
): URL {
  const address = new URL(`api/streaming/${path}`, page);
  for (const [name, value] of Object.entries(parameters))
    if (value !== null) address.searchParams.set(name, String(value));
  return address;
}

/** Where a source's catalog is; `null` asks for that of the source that runs or ran last. */
export function catalogAddress(page: string, source: string | null): URL {
  return apiAddress(page, 'catalog', { source });
}
