"""An upstream of raw TCP: what it sends, in which pieces and when, is the test's alone."""

import json
import socket
import threading
import time

from . import sse
from .poll import until


class Request:
    """One request as it arrived."""

    def __init__(self, head, body):
        lines = head.decode("latin-1").split("\r\n")
        self.method, self.path, _ = lines[0].split(" ", 2)
        self.headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:] if line]
        self.body = body

    def header(self, name):
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def json(self):
        return json.loads(self.body)


class Connection:
    """The upstream's end of one connection, while one request is answered."""

    def __init__(self, sock, server):
        self._sock, self._server = sock, server
        self.open = True

    def send(self, data):
        self._sock.sendall(data)

    def head(self, status=200, kind="text/event-stream", more=(), chunked=True, length=None):
        out = f"HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\n"
        if length is not None:
            out += f"content-length: {length}\r\n"
        elif chunked:
            out += "transfer-encoding: chunked\r\n"
        out += "".join(f"{name}: {value}\r\n" for name, value in more)
        self.send(out.encode() + b"\r\n")

    def chunk(self, data):
        """One HTTP chunk: the gate's HTTP reader hands each over by itself, however TCP joins them."""
        if data:
            self.send(b"%x\r\n%s\r\n" % (len(data), data))

    def end(self):
        self.send(b"0\r\n\r\n")

    def stream(self, *pieces, **head):
        self.head(**head)
        # One write, so that a test of a thousand pieces is quick; the pieces stay apart as chunks.
        self.send(b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces if piece))
        self.end()

    def whole(self, body, status=200, kind="application/json", more=()):
        self.head(status, kind, more, length=len(body))
        self.send(body)

    def close(self, reset=False):
        """Ends the connection; with a reset, as a process that dies does."""
        if reset:
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        self.open = False
        self._sock.close()

    def wait_closed(self, seconds=10.0):
        """When the gate closed the connection (monotonic), or `None` if it did not."""
        self._sock.settimeout(seconds)
        try:
            while True:
                if not self._sock.recv(4096):
                    return time.monotonic()
        except socket.timeout:
            return None
        except OSError:
            return time.monotonic()


class Upstream:
    """Answers each request by calling `answer(connection, request)` in a thread of its own."""

    def __init__(self):
        self.requests = []
        self.connections = 0
        self.errors = []
        self.answer = lambda connection, request: connection.whole(sse.whole("hello"))
        self._stop = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._listener.settimeout(0.2)
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/v1"
        threading.Thread(target=self._accept, daemon=True).start()

    def says(self, body, *, size=None, **head):
        """Every answer is `body`: a stream in pieces of `size` bytes, or a JSON document."""
        if body.startswith(b"{"):
            self.answer = lambda connection, request: connection.whole(body, **head)
            return self
        pieces = [body[at : at + size] for at in range(0, len(body), size)] if size else [body]
        self.answer = lambda connection, request: connection.stream(*pieces, **head)
        return self

    def speaks(self, streamed, unary):
        """One answer in both forms; the request says which it wants."""

        def answer(connection, request):
            if request.json().get("stream"):
                # An event a chunk: what comes in one read is judged as one.
                connection.stream(*(event + b"\n\n" for event in streamed.split(b"\n\n") if event))
            else:
                connection.whole(unary)

        self.answer = answer
        return self

    def last(self):
        return until(lambda: self.requests, "a request at the upstream")[-1]

    def close(self):
        self._stop.set()
        self._listener.close()

    def _accept(self):
        while not self._stop.is_set():
            try:
                sock, _ = self._listener.accept()
            except socket.timeout:
                continue
            except OSError:
                return
            sock.settimeout(None)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock):
        buffer = b""
        connection = Connection(sock, self)
        try:
            while connection.open and not self._stop.is_set():
                while b"\r\n\r\n" not in buffer:
                    data = sock.recv(65536)
                    if not data:
                        return
                    buffer += data
                head, buffer = buffer.split(b"\r\n\r\n", 1)
                request = Request(head, b"")
                length = int(request.header("content-length") or 0)
                while len(buffer) < length:
                    data = sock.recv(65536)
                    if not data:
                        return
                    buffer += data
                request.body, buffer = buffer[:length], buffer[length:]
                self.requests.append(request)
                self.answer(connection, request)
        except (BrokenPipeError, ConnectionResetError):
            pass
        except Exception as error:  # noqa: BLE001 - shown by the fixture
            if not self._stop.is_set() and connection.open:
                self.errors.append(error)
        finally:
            sock.close()
