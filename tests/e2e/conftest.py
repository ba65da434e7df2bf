"""Fixtures: a gate in front of an upstream, of its own for every test. Its ledger must verify when the test is over."""

import re

import pytest

from support import binary
from support.config import Config
from support.gate import Gate
from support.mock import Mock
from support.upstream import Upstream


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    item.stash.setdefault(REPORTS, {})[report.when] = report
    return report


REPORTS = pytest.StashKey()


@pytest.fixture(scope="session")
def cache():
    """Compiled plugins, shared by all gates and all runs: named by what they were made from, so never stale."""
    folder = binary.target() / "e2e-cache"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


@pytest.fixture
def folder(tmp_path):
    """A folder that only its owner may write to."""
    tmp_path.chmod(0o700)
    return tmp_path


@pytest.fixture
def upstream():
    """A raw upstream; set what it answers with `says`, `speaks` or `answer`."""
    server = Upstream()
    yield server
    server.close()
    assert not server.errors, server.errors


@pytest.fixture
def mock(folder):
    """Starts scripted models."""
    started = []

    def start(script=None):
        place = folder / f"mock{len(started)}"
        place.mkdir()
        started.append(Mock(place, script))
        return started[-1]

    yield start
    for one in started:
        one.stop()


@pytest.fixture
def gates(folder, request):
    """Keeps gates: shows their logs when the test failed, stops them, and checks their ledgers."""
    started = []
    yield started
    failed = any(report.failed for report in request.node.stash.get(REPORTS, {}).values())
    codes = [gate.stop() for gate in started]
    for gate in started if failed else []:
        print(f"--- log of the gate in {gate.folder}\n{gate.log()}")
    for gate, code in zip(started, codes):
        checked = gate.verify()
        assert checked.returncode == 0, f"{checked.stdout}{checked.stderr}"
        assert gate.killed or code == 0, f"the gate ended with {code}"
        # A guest's panic is in the log as its message; the host's own begins with the thread.
        assert not re.search(r"thread '.*' .*panicked", gate.log()), gate.log()


@pytest.fixture
def dev(folder, cache, gates):
    """Starts gates with `serve --dev`."""

    def start(url, *more):
        place = folder / f"dev{len(gates)}"
        place.mkdir(mode=0o700)
        ledger = place / "ledger"
        command = [binary.witgate(), "serve", "--dev", "--upstream", url, "--listen", "127.0.0.1:0"]
        command += ["--admin", "127.0.0.1:0", "--ledger", ledger, *more]
        gates.append(Gate(place, command, ledger, ledger / "dev.key"))
        return gates[-1]

    return start


@pytest.fixture
def configured(folder, cache, gates):
    """Starts gates from a configuration of `witgate init`, with changes."""

    def start(url, changes=None, files=None, env=None):
        place = folder / f"gate{len(gates)}"
        config = Config(place, url, cache, changes)
        for name, data in (files or {}).items():
            config.plugin(name, data)
        gate = Gate(place, [binary.witgate(), "serve", "--config", config.file], place / "ledger", place / "keys/ledger.key", env)
        gate.config = config
        gates.append(gate)
        return gate

    return start


@pytest.fixture
def gate(configured, upstream):
    """A gate with the built-in policies in front of the raw upstream."""
    return configured(upstream.url)
