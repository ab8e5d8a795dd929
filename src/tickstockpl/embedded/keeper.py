"""The small process that is a server's parent, so that no server outlives the program that started it.

Run as a script with nothing but the standard library (``python -I -S keeper.py``). It reads one line of JSON from its
standard input (the fields of :class:`tickstockpl.embedded.owned.Launch`), starts the server, answers with the server's
process id, and then waits for the end of its input. That end comes when the owner closes the pipe, and also when the
owner is killed outright: the kernel closes it then. Either way the server is asked to end, waited for, and its
temporary files are removed.

It holds the data folder's lock (an inherited descriptor) until the server is gone, so that nobody can start a second
server on data that the first is still writing.
"""

import contextlib
import json
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any


def _start(launch: dict[str, Any]) -> subprocess.Popen[bytes]:
    with Path(launch["log"]).open("ab") as log:
        return subprocess.Popen(  # noqa: S603 -- the command comes from the owner, through a private pipe
            launch["command"],
            cwd=launch["folder"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=launch["environment"],
            user=launch["uid"],
            group=launch["gid"],
            extra_groups=None if launch["uid"] is None else [],
        )


def main() -> int:
    """Keep one server until the input ends; the exit code is the server's."""
    launch: dict[str, Any] = json.loads(sys.stdin.readline())
    try:
        server = _start(launch)
    except OSError as error:
        sys.stdout.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{server.pid}\n")
    sys.stdout.flush()

    def send(number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            server.send_signal(number)

    def stop() -> None:
        Path(launch["info"]).unlink(missing_ok=True)  # nobody should find a server that is about to end
        send(launch["stop_signal"])
        last_resort = threading.Timer(launch["patience_s"], send, [launch["kill_signal"]])
        last_resort.daemon = True
        last_resort.start()

    def stop_at_end_of_input() -> None:
        while sys.stdin.readline():
            pass
        stop()

    # Ctrl-C and a closed terminal are the owner's to answer. The server is started before these are set, since an
    # ignored signal stays ignored in a child.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop())
    threading.Thread(target=stop_at_end_of_input, daemon=True).start()
    code = server.wait()
    Path(launch["info"]).unlink(missing_ok=True)
    if launch["temporary"] is not None:
        shutil.rmtree(launch["temporary"], ignore_errors=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
