"""A process of ours: its log, and an end by its own id."""

import os
import re
import signal
import subprocess

from .poll import until

COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class Process:
    def __init__(self, command, log, env=None):
        self.log_file = log
        self._out = open(log, "ab")
        self._from = log.stat().st_size
        self.process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=self._out,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(env or {})},
        )

    @property
    def pid(self):
        return self.process.pid

    def log(self):
        """What this process wrote so far, without colours."""
        return COLOURS.sub("", self.log_file.read_bytes()[self._from :].decode(errors="replace"))

    def find(self, pattern, seconds=60.0):
        """The first group of `pattern` in the log, once it is there."""

        def look():
            found = re.search(pattern, self.log())
            if not found and self.process.poll() is not None:
                raise AssertionError(f"ended with {self.process.returncode}:\n{self.log()}")
            return found

        return until(look, f"{pattern!r} in the log", seconds).group(1)

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, seconds=20.0):
        return self.process.wait(seconds)

    def stop(self):
        """SIGTERM, and SIGKILL for one that does not end. Gives the exit code."""
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
            try:
                self.wait(10)
            except subprocess.TimeoutExpired:
                self.signal(signal.SIGKILL)
                self.wait()
        self._out.close()
        return self.process.returncode
