/** The hub's WebSocket address: beside the page, under whatever path a proxy serves it. */
export function hubAddress(page: string): URL {
  const address = new URL('ws/live', page);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  return address;
}

/** Where a source's catalog is; `null` asks for that of the source that runs or ran last. */
export function catalogAddress(page: string, source: string | null): URL {
  const address = new URL('api/streaming/catalog', page);
  if (source !== null) address.searchParams.set('source', source);
  return address;
}
