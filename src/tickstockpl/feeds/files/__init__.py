"""Files of bars or trades: found, read, checked row by row, and kept as compact columns."""
