"""`witgate mock-upstream` with a script."""

import json

from . import binary
from .gate import DIRECT
from .process import Process


class Mock:
    def __init__(self, folder, script):
        command = [binary.witgate(), "mock-upstream", "--listen", "127.0.0.1:0"]
        if script is not None:
            file = folder / "script.yaml"
            file.write_text(json.dumps(script))
            command += ["--script", file]
        self.process = Process(command, folder / "mock.log")
        self.url = self.process.find(r"at (http://\S+/v1)")

    def _json(self, path):
        with DIRECT.open(self.url.removesuffix("/v1") + path, timeout=10) as answer:
            return json.load(answer)

    def requests(self):
        """What reached the model, the oldest first."""
        return self._json("/mock/requests")["requests"]

    def bodies(self):
        return [json.loads(one["body"]) for one in self.requests()]

    def stop(self):
        self.process.stop()
