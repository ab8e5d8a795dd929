// Runs before the first paint so that the chosen theme never flashes the other one. `src/theme.svelte.ts` owns the choice.
(function () {
  try {
    const theme = localStorage.getItem('tickstock.theme');
    if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme;
  } catch {
    // Storage is switched off: the system's theme is used.
  }
})();
