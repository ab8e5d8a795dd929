import { recall, remember } from './logic/preferences';

export type Theme = 'system' | 'dark' | 'light';

const CYCLE: Theme[] = ['system', 'dark', 'light'];

/** The reader's choice of theme; `public/theme.js` sets it before the first paint of the next visit. */
class ThemeChoice {
  current = $state<Theme>(recall('theme', (text) => CYCLE.find((theme) => theme === text) ?? null, 'system'));

  next(): void {
    this.current = CYCLE[(CYCLE.indexOf(this.current) + 1) % CYCLE.length] ?? 'system';
    remember('theme', this.current);
    if (this.current === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = this.current;
  }
}

export const theme = new ThemeChoice();
