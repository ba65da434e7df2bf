"""An upstream that speaks HTTP/2 over TLS, frame by frame."""

import json
import socket
import threading
import time

import h2.config
import h2.connection
import h2.events
import h2.exceptions

from . import sse
from .http2 import lasting
from .poll import until


class Stream:
    """The upstream's end of one stream."""

    def __init__(self, server, number, headers):
        self._server, self.number = server, number
        self.headers = dict(headers)
        self.body = b""
        self.complete = threading.Event()
        #: When the gate reset it (monotonic).
        self.reset_at = None
        #: When its connection ended.
        self.lost_at = None

    def header(self, name):
        return self.headers.get(name)

    def json(self):
        return json.loads(self.body)

    def head(self, status=200, kind="text/event-stream", more=(), end=False):
        headers = [(":status", str(status)), ("content-type", kind), *more]
        self._server.do(lambda http: http.send_headers(self.number, headers, end_stream=end))

    def informational(self, status, more=()):
        self._server.do(lambda http: http.send_headers(self.number, [(":status", str(status)), *more]))

    def data(self, body, end=False):
        """Sends within the gate's window: waits while it gives none. Gives how much it took."""
        taken = 0
        while body:
            room = self._server.room(self.number)
            if not room:
                if self.gone() or self._server.stopped:
                    return taken
                time.sleep(0.005)
                continue
            part, body = body[:room], body[room:]
            try:
                self._server.do(lambda http: http.send_data(self.number, part, end_stream=end and not body))
            except (h2.exceptions.ProtocolError, OSError):
                return taken
            taken += len(part)
        return taken

    def end(self):
        self._server.do(lambda http: http.end_stream(self.number))

    def trailers(self, *headers):
        self._server.do(lambda http: http.send_headers(self.number, list(headers), end_stream=True))

    def reset(self, code):
        self._server.do(lambda http: http.reset_stream(self.number, error_code=code))

    def goaway(self, code, last=None):
        self._server.do(lambda http: http.close_connection(error_code=code, last_stream_id=last))

    def drop(self):
        """The connection dies."""
        self._server.sock.shutdown(socket.SHUT_RDWR)

    def gone(self):
        return self.reset_at or self.lost_at

    def stream(self, *pieces, **head):
        self.head(**head)
        for piece in pieces:
            self.data(piece)
        self.end()

    def whole(self, body, status=200, kind="application/json", more=()):
        self.head(status, kind, more)
        self.data(body, end=True)


class Connection:
    def __init__(self, sock, upstream):
        self.sock, self._upstream = sock, upstream
        self._lock = threading.RLock()
        config = h2.config.H2Configuration(client_side=False, header_encoding="utf-8", validate_outbound_headers=False)
        self._http = lasting(h2.connection.H2Connection(config))
        self._streams = {}
        self.stopped = False

    def do(self, what):
        with self._lock:
            what(self._http)
            self.sock.sendall(self._http.data_to_send())

    def room(self, number):
        with self._lock:
            try:
                return min(self._http.local_flow_control_window(number), self._http.max_outbound_frame_size)
            except h2.exceptions.ProtocolError:
                return 0

    def serve(self):
        self.do(lambda http: http.initiate_connection())
        try:
            while True:
                data = self.sock.recv(65536)
                if not data:
                    return
                with self._lock:
                    for event in self._http.receive_data(data):
                        self._event(event)
                    self.sock.sendall(self._http.data_to_send())
        except (OSError, h2.exceptions.ProtocolError):
            pass
        finally:
            self.stopped = True
            for stream in self._streams.values():
                stream.lost_at = time.monotonic()
            self.sock.close()

    def _event(self, event):
        if isinstance(event, h2.events.RequestReceived):
            stream = self._streams[event.stream_id] = Stream(self, event.stream_id, event.headers)
            self._upstream.requests.append(stream)
            threading.Thread(target=self._answer, args=(stream,), daemon=True).start()
        elif isinstance(event, h2.events.DataReceived):
            self._streams[event.stream_id].body += event.data
            self._http.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            self._streams[event.stream_id].complete.set()
        elif isinstance(event, h2.events.StreamReset):
            self._streams[event.stream_id].reset_at = time.monotonic()

    def _answer(self, stream):
        stream.complete.wait(10)
        try:
            self._upstream.answer(stream)
        except (OSError, h2.exceptions.ProtocolError):
            pass


class Upstream2:
    """Answers each request by calling `answer(stream)` in a thread of its own."""

    def __init__(self, context):
        self.requests, self.connections = [], 0
        self.answer = lambda stream: stream.whole(sse.whole("hello"))
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        self.url = f"https://127.0.0.1:{self.port}/v1"
        threading.Thread(target=self._accept, daemon=True).start()

    def last(self):
        return until(lambda: self.requests, "a request at the upstream")[-1]

    def close(self):
        self._listener.close()

    def _accept(self):
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock):
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock = self._context.wrap_socket(sock, server_side=True)
        except OSError:
            return
        self.connections += 1
        Connection(sock, self).serve()
