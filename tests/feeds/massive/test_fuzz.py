import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

RUNS = 200_000


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris is not installed (no wheel here)")
def test_coverage_guided_frames_do_not_crash_the_reader(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.feeds.massive.fuzz",
            f"-runs={RUNS}",
            "-max_total_time=60",
            "-rss_limit_mb=0",
            str(tmp_path),
        ],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Done " in done.stderr
