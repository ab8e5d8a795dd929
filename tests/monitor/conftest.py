"""What the tests of the monitor start from: a real service's messages."""

from tests.conformance.conftest import _own_data_dir as _own_data_dir
from tests.conformance.conftest import recording as recording
