"""A gate that runs: started from a configuration or with `--dev`, asked over its two listeners, stopped by its id."""

import json
import signal
import urllib.error
import urllib.request

import openai

from . import binary
from .poll import until
from .process import Process

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Gate:
    def __init__(self, folder, command, ledger, key, env=None):
        self.folder, self.ledger, self.key = folder, ledger, key
        self.public = ledger / "dev-receipt.pub" if key.name == "dev.key" else key.with_name("receipt.pub")
        self._command, self._env = command, env
        self.killed = False
        self.start()

    def start(self):
        """Starts it, and waits until it takes exchanges. A second call starts it again with the same ledger."""
        self.process = Process(self._command, self.folder / "gate.log", self._env)
        try:
            return self._ready()
        except BaseException:
            self.process.stop()
            raise

    def _ready(self):
        self.base_url = self.process.find(r"base_url=(https?://\S+)")
        self.admin_url = self.process.find(r"admin=(http://\S+)")
        self.port = int(self.base_url.split(":")[2].split("/")[0])
        self.admin_port = int(self.admin_url.split(":")[2])
        until(lambda: self.admin("/readyz")[0] == 200, "ready")
        return self

    def log(self):
        return self.process.log()

    def client(self, **settings):
        """The real SDK, with its own retries unless told otherwise."""
        return openai.OpenAI(base_url=self.base_url, **{"api_key": "sk-test-client", "timeout": 20, **settings})

    def admin(self, path):
        try:
            with DIRECT.open(self.admin_url + path, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def policy(self):
        status, body = self.admin("/admin/policy")
        assert status == 200
        return json.loads(body)

    def generation(self):
        return self.policy()["generation"]

    def metric(self, sample):
        """The value of one sample, such as `witgate_reloads_total{code="ok"}`; 0 while it is not there."""
        for line in self.admin("/metrics")[1].splitlines():
            if line.startswith(sample + " "):
                return float(line.split()[-1])
        return 0.0

    def get(self, path):
        """A GET on the clients' listener, as JSON with its status."""
        root = self.base_url.rsplit("/v1", 1)[0]
        try:
            with DIRECT.open(root + path, timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def text(self, path):
        """A GET on the clients' listener, as text with its status."""
        root = self.base_url.rsplit("/v1", 1)[0]
        try:
            with DIRECT.open(root + path, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def audit(self, exchange):
        """What `witgate audit show` tells of an exchange, once its end is recorded."""

        def ended():
            told = binary.run("audit", "show", exchange, "--ledger", self.ledger, "--chain-key", self.key)
            return told.stdout if "\nend  " in told.stdout.replace("ms  end", "ms\nend") else None

        return until(ended, f"the end of exchange {exchange} in the ledger")

    def verify(self, *more):
        return binary.run("audit", "verify", self.ledger, "--chain-key", self.key, "--key", self.public, *more)

    def reload(self):
        self.process.signal(signal.SIGHUP)

    def kill(self):
        """As a power cut would."""
        self.killed = True
        self.process.signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        return self.process.stop()
