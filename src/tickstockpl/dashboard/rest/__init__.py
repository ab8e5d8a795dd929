"""The REST API: history and state as JSON, for the page and for scripts (``docs/rest.md``). One module a resource."""
