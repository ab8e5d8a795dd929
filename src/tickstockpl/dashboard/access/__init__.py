"""Who may open the page: callers and roles, keys, sign-in, and where the dashboard may be reached from."""
