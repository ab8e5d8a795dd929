/** What the browser says to notifications: `missing` where it has none, or none for pages that are not secure. */
export type NoticePermission = 'granted' | 'denied' | 'default' | 'missing';

export function noticePermission(): NoticePermission {
  return typeof Notification === 'undefined' || !isSecureContext ? 'missing' : Notification.permission;
}

/** Ask the reader; to be called from a click, which browsers insist on. */
export async function askForNotices(): Promise<NoticePermission> {
  return noticePermission() === 'missing' ? 'missing' : Notification.requestPermission();
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
    // Shown anew, not changed in silence; and what is to be heard, the page plays itself.
    const options: NotificationOptions & { renotify: boolean } = { body, tag, silent: true, renotify: true };
    const shown = new Notification(title, options);
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
