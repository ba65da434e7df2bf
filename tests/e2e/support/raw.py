"""A client without a library: what it sends and what it got, to the byte."""

import json
import re
import socket


class Answer:
    def __init__(self, head, body, clean):
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split(" ")[1])
        self.headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines[1:] if line)}
        self.body = body
        #: Whether the body ended as HTTP says it must, and not with the connection.
        self.clean = clean

    def json(self):
        return json.loads(self.body)

    @property
    def said(self):
        """The body without the receipt at a stream's end, whose digests and signatures hold any few letters sooner or later."""
        return re.sub(rb"(?m)^: ?witgate-receipt .*$", b"", self.body)

    @property
    def exchange(self):
        return self.headers["x-witgate-exchange"]


class Client:
    """One connection. Keeps all bytes that came in `received`."""

    def __init__(self, port, timeout=20.0):
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.rest = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def send(self, data):
        self.sock.sendall(data)

    def post(self, body, path="/v1/chat/completions", headers=()):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send(request(body, path, headers))

    def more(self):
        data = self.sock.recv(65536)
        self.received += data
        self.rest += data
        return bool(data)

    def head(self):
        while b"\r\n\r\n" not in self.rest:
            assert self.more(), f"the connection ended before the head: {self.received!r}"
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        return Answer(head, b"", False)

    def read_chunk(self):
        """The next HTTP chunk of a body; empty at its end, `None` when the connection ended before."""
        while b"\r\n" not in self.rest:
            if not self.more():
                return None
        size, self.rest = self.rest.split(b"\r\n", 1)
        size = int(size, 16)
        while len(self.rest) < size + 2:
            if not self.more():
                return None
        data, self.rest = self.rest[:size], self.rest[size + 2 :]
        return data

    def answer(self):
        answer = self.head()
        if "chunked" in answer.headers.get("transfer-encoding", ""):
            while True:
                chunk = self.read_chunk()
                if not chunk:
                    answer.clean = chunk is not None
                    return answer
                answer.body += chunk
        length = int(answer.headers.get("content-length", 0))
        while len(self.rest) < length and self.more():
            pass
        answer.body, self.rest = self.rest[:length], self.rest[length:]
        answer.clean = len(answer.body) == length
        return answer


def request(body, path="/v1/chat/completions", headers=()):
    given = dict(headers)
    lines = {"host": "gate", "content-type": "application/json", "content-length": str(len(body)), **given}
    head = f"POST {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return head.encode("latin-1") + b"\r\n" + body


def chat(text="hi", **more):
    """A request's body."""
    return {"model": "m", "messages": [{"role": "user", "content": text}], **more}


def ask(gate, body=None, **more):
    """One request on a connection of its own."""
    with Client(gate.port) as client:
        client.post(chat() if body is None else body, **more)
        return client.answer()
