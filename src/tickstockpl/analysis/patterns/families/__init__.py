"""The patterns, a module per family. A mirrored pattern is its pair upside down."""
