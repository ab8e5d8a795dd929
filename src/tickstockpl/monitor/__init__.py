"""The contract's channels, live in a terminal: of this producer or any other."""
