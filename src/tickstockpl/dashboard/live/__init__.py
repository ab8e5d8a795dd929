"""From Redis to every open page."""
