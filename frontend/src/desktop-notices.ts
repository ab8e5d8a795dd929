/** What the browser says to notifications: `missing` where it has none, or none for pages that are not secure. */
export type NoticePermission = 'granted' | 'denied' | 'default' | 'missing';

export function noticePermission(): NoticePermission {
  return typeof Notification === 'undefined' ? 'missing' : Notification.permission;
}

/** Ask the reader; to be called from a click, which browsers insist on. */
export async function askForNotices(): Promise<NoticePermission> {
  if (typeof Notification === 'undefined') return 'missing';
  return Notification.requestPermission();
}

/**
 * Show a notification; one of the same `tag` takes the place of the one before, in all tabs.
 *
 * @param onclick the page is shown first
 * @returns whether the browser took it
 */
export function showNotice(title: string, body: string, tag: string, onclick: () => void): boolean {
  if (noticePermission() !== 'granted') return false;
  try {
    const shown = new Notification(title, { body, tag, silent: true });
    shown.onclick = () => {
      window.focus();
      onclick();
      shown.close();
    };
    return true;
  } catch {
    // Phones' browsers have the permission and refuse the notification all the same.
    return false;
  }
}
