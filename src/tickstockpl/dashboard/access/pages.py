"""The two pages that are not the built one: the sign-in, and what the program is made of."""

from functools import cache
from html import escape
from pathlib import Path
from typing import Final

from tickstockpl import __version__
from tickstockpl.dashboard.access.licences import Part, parts

STYLE: Final = Path(__file__).with_name("access.css")
"""The style of both."""

PAGE_LICENCES: Final = "licenses.txt"
"""Where, in the built page's folder, stands what went into it."""

_FRAME = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="dark light" />
    <title>{title}</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="./access.css" />
  </head>
  <body>
    {body}
  </body>
</html>
"""

_SIGN_IN = """<main>
      <h1>Sign in to TickStock</h1>
      {complaint}
      <p>Open the link that was printed where this dashboard was started: <code>Live page: …?token=…</code>. It signs
      one browser in, once.</p>
      <p>For a new one, on the machine on which the dashboard runs:</p>
      <pre>tickstockpl dashboard link</pre>
      {form}
    </main>"""

_FORM = """<form method="post" action="./sign-in">
        <label for="password">Or with the password</label>
        <input id="password" name="password" type="password" autocomplete="current-password" required autofocus />
        <button>Sign in</button>
      </form>"""

_ABOUT = """<main class="wide">
      <h1>TickStockPL {version}</h1>
      <p><a href="./">The live page</a></p>
      <p>Under the MIT licence, and made of the following. Each package brings the text of its licence with it, in the
      folder into which it was installed.</p>
      <h2>The program</h2>
      <table>
        <thead><tr><th scope="col">Package</th><th scope="col">Version</th><th scope="col">Licence</th></tr></thead>
        <tbody>
{rows}
        </tbody>
      </table>
      <h2>The page</h2>
      {page}
    </main>"""


def sign_in_page(*, has_password: bool, complaint: str | None = None) -> str:
    """How to sign in.

    Args:
        has_password: whether that can be done with a password.
        complaint: why it was not done.
    """
    told = "" if complaint is None else f'<p class="complaint" role="alert">{escape(complaint)}</p>'
    body = _SIGN_IN.format(complaint=told, form=_FORM if has_password else "")
    return _FRAME.format(title="Sign in – TickStock", body=body)


@cache
def about_page(static_dir: Path) -> str:
    """Third-party licences: of the installed packages, and of what was built into the page.

    Args:
        static_dir: the built page's folder.
    """
    rows = "\n".join(_row(part) for part in parts())
    try:
        listed = escape((static_dir / PAGE_LICENCES).read_text("utf-8"))
        page = f'<pre role="region" tabindex="0" aria-label="Licences of the page\'s parts">{listed}</pre>'
    except OSError:
        page = "<p>What was built into the page is listed in <code>frontend/package-lock.json</code>.</p>"
    return _FRAME.format(title="About TickStock", body=_ABOUT.format(version=__version__, rows=rows, page=page))


def _row(part: Part) -> str:
    name = escape(part.name)
    linked = f'<a href="{escape(part.home)}" rel="noreferrer">{name}</a>' if part.home else name
    return f"          <tr><td>{linked}</td><td>{escape(part.version)}</td><td>{escape(part.licence)}</td></tr>"
