"""Load on a gate: threads that ask again and again, and what was acknowledged to them."""

import re
import threading

from . import raw


class Load:
    """Asks from `threads` connections until stopped or the gate is gone; every other one streams."""

    def __init__(self, gate, threads=4, limit=None):
        self.acknowledged, self._limit, self._stop = {}, limit, threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(gate, n % 2 == 1)) for n in range(threads)]
        for thread in self._threads:
            thread.start()

    def _run(self, gate, streamed):
        try:
            with raw.Client(gate.port) as client:
                while not self._stop.is_set() and (self._limit is None or len(self.acknowledged) < self._limit):
                    client.post(raw.chat(stream=streamed))
                    answer = client.head()
                    said = re.search(r"seq=(\d+)", answer.headers["x-witgate-receipt"])
                    self.acknowledged[answer.exchange] = int(said.group(1))
                    if streamed:
                        while client.read_chunk():
                            pass
                    else:
                        length = int(answer.headers["content-length"])
                        while len(client.rest) < length:
                            assert client.more()
                        client.rest = client.rest[length:]
        except (OSError, AssertionError, TypeError, KeyError, AttributeError):
            pass  # The gate was killed.

    def join(self):
        for thread in self._threads:
            thread.join()
        return self.acknowledged

    def stop(self):
        self._stop.set()
        return self.join()
