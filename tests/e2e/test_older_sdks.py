"""`openai` and `anthropic` of an older major, in an environment of their own. Passed over when PyPI cannot be reached."""

import pytest

from support import binary
from support.driver import APIS, HOWS, Driver, Promises, prepared

HERE = binary.ROOT / "tests/e2e"


@pytest.fixture(scope="module")
def sdk():
    folder = binary.target() / "python-older"
    code, told = prepared("python-env.sh", folder, HERE / "requirements-older.txt")
    if code == 3:
        pytest.skip(f"no older SDKs: {told}")
    assert code == 0, told
    driver = Driver(folder / "bin/python", HERE / "older/ask.py")
    yield driver
    driver.close()


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("api", APIS)
class TestOlder(Promises):
    pass
