/** What this tab holds at the moment. */
const held = new Set<string>();

/**
 * Whether this tab is the one, of all tabs of the page, that does a thing. For a while no other tab is, and this one is
 * again. Where the browser has no locks, which it has for secure pages only, every tab is.
 */
export async function isOurs(name: string, ms: number): Promise<boolean> {
  const locks = navigator.locks as LockManager | undefined;
  if (locks === undefined || held.has(name)) return true;
  return new Promise((resolve) => {
    void locks.request(`tickstock.${name}`, { ifAvailable: true }, async (lock) => {
      resolve(lock !== null);
      if (lock === null) return;
      held.add(name);
      await new Promise((done) => window.setTimeout(done, ms));
      held.delete(name);
    });
  });
}
