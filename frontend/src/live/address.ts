/** The hub's WebSocket address: beside the page, under whatever path a proxy serves it. */
export function hubAddress(page: string): URL {
  const address = new URL('ws/live', page);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  return address;
}
