"""Words of others, shown on a terminal."""


def printable(text: str) -> str:
    """Without anything that a terminal would obey: every sign that is not printed becomes a space."""
    return text if text.isprintable() else "".join(sign if sign.isprintable() else " " for sign in text)
