"""Any producer of the contract's events, checked against it: by its channels and its tables, never by its code."""
