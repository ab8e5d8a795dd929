"""Where the market comes from: simulator, files, the vendor's stream."""
