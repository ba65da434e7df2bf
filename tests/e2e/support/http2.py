"""A client that speaks HTTP/2, frame by frame."""

import json
import socket

import h2.config
import h2.connection
import h2.events
import h2.exceptions


def lasting(http):
    """The library takes GOAWAY for the end of the connection. It is not: streams that are open go on (RFC 9113, section 6.8)."""
    machine, told = http.state_machine, h2.connection.ConnectionInputs
    machine._transitions = {
        key: (do, key[0]) if key[1] in (told.RECV_GOAWAY, told.SEND_GOAWAY) else (do, state)
        for key, (do, state) in machine._transitions.items()
    }
    return http


class Stream:
    """What came on one stream."""

    def __init__(self):
        self.status, self.headers, self.body = None, {}, b""
        self.trailers, self.informational = None, []
        #: How it ended: `None` while it has not, else "end" or the code of its reset.
        self.ended = None

    def json(self):
        return json.loads(self.body)

    @property
    def exchange(self):
        return self.headers["x-witgate-exchange"]


class Client:
    """One connection. `context`: over TLS, else by prior knowledge."""

    def __init__(self, port, context=None, timeout=20.0, window=None):
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context is not None:
            self.sock = context.wrap_socket(self.sock, server_hostname="127.0.0.1")
            assert self.sock.selected_alpn_protocol() == "h2"
        # What is wrong on purpose is not to be put right, nor refused, on this side.
        config = h2.config.H2Configuration(
            client_side=True, header_encoding="utf-8", validate_outbound_headers=False, normalize_outbound_headers=False
        )
        self.http = lasting(h2.connection.H2Connection(config))
        self.http.initiate_connection()
        if window is not None:
            self.http.update_settings({h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: window})
        self.streams = {}
        #: The codes of GOAWAY frames.
        self.gone = []
        self.scheme = "http" if context is None else "https"
        #: Whether what came is acknowledged, so that more may come.
        self.reads = True
        self.flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def flush(self):
        self.sock.sendall(self.http.data_to_send())

    def open(self, headers, body=b"", end=True):
        number = self.http.get_next_available_stream_id()
        self.streams[number] = Stream()
        self.http.send_headers(number, headers, end_stream=end and not body)
        self.flush()
        if body:
            self.send(number, body, end)
        return number

    def send(self, number, body, end=True):
        while body:
            size = min(len(body), self.http.local_flow_control_window(number), self.http.max_outbound_frame_size)
            if not size:
                assert self.more()
                if self.streams[number].ended:
                    return
                continue
            part, body = body[:size], body[size:]
            self.http.send_data(number, part, end_stream=end and not body)
            self.flush()

    def head(self, method="POST", path="/v1/chat/completions", more=()):
        pseudo = [(":method", method), (":path", path), (":scheme", self.scheme), (":authority", "gate")]
        return [*pseudo, ("content-type", "application/json"), *more]

    def post(self, body, path="/v1/chat/completions", more=()):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.open(self.head(path=path, more=[*more, ("content-length", str(len(body)))]), body)

    def reset(self, number):
        self.http.reset_stream(number, error_code=8)
        self.flush()

    def more(self):
        """Reads what comes next; whether there was anything."""
        try:
            data = self.sock.recv(65536)
        except ConnectionResetError:
            return False
        if not data:
            return False
        for event in self.http.receive_data(data):
            self._event(event)
        self.flush()
        return True

    def _event(self, event):
        stream = self.streams.get(getattr(event, "stream_id", None))
        if isinstance(event, h2.events.ConnectionTerminated):
            self.gone.append(int(event.error_code))
        if stream is None:
            return
        if isinstance(event, h2.events.InformationalResponseReceived):
            stream.informational.append(dict(event.headers)[":status"])
        elif isinstance(event, h2.events.ResponseReceived):
            stream.headers = dict(event.headers)
            stream.status = int(stream.headers[":status"])
        elif isinstance(event, h2.events.DataReceived):
            stream.body += event.data
            if self.reads:
                self.http.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.TrailersReceived):
            stream.trailers = dict(event.headers)
        elif isinstance(event, h2.events.StreamEnded):
            stream.ended = "end"
        elif isinstance(event, h2.events.StreamReset):
            stream.ended = stream.ended or int(event.error_code)

    def until(self, number, ready):
        """Reads until `ready(stream)`, or until the connection ends."""
        stream = self.streams[number]
        while not ready(stream) and self.more():
            pass
        return stream

    def answer(self, number):
        """The whole answer."""
        stream = self.until(number, lambda stream: stream.ended is not None)
        assert stream.ended is not None, f"the connection ended before the stream: {self.gone}"
        return stream


def ask(gate, body, **more):
    """One request on a connection of its own."""
    with Client(gate.port) as client:
        return client.answer(client.post(body, **more))
