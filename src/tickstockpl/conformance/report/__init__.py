"""The specification's Streaming Status Report and its eight success criteria, filled in."""
