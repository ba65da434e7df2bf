"""npm's `openai` and `@anthropic-ai/sdk`, of the current major and the one before. Passed over without Node.js."""

import pytest

from support import binary
from support.driver import APIS, HOWS, Driver, Promises, prepared

PACKAGES = {"current": ("openai", "@anthropic-ai/sdk"), "older": ("openai-older", "anthropic-older")}


@pytest.fixture(scope="module", params=PACKAGES)
def sdk(request):
    folder = binary.target() / "node"
    code, told = prepared("node-env.sh", folder)
    if code == 3:
        pytest.skip(f"no SDKs of npm: {told}")
    assert code == 0, told
    driver = Driver("node", folder / "ask.mjs", *PACKAGES[request.param])
    yield driver
    driver.close()


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("api", APIS)
class TestNode(Promises):
    pass
