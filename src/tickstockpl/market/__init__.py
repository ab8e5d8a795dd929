"""The market itself: its calendar, its universes, its trades and the bars they form."""
