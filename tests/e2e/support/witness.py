"""A small witness (c2sp.org/tlog-witness): it checks that a ledger goes on from what it saw, and cosigns. With the second
verifier's code for proofs and notes, so none of ours."""

import base64
import hashlib
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from . import binary

sys.path.insert(0, str(binary.ROOT / "tests/verifier"))
import verifier  # noqa: E402

DASH = "\u2014 "


def key_hash(name, public):
    return hashlib.sha256(name.encode() + b"\n\x04" + public).digest()[:4]


class Witness:
    """Knows the public keys of logs, by any name: whoever is signed by one of them is its log."""

    def __init__(self, logs=(), name="witness.example/w1", token=None, tls=None):
        self.name, self.logs, self.token = name, [verifier.load_key(path) for path in logs], token
        self._secret = Ed25519PrivateKey.generate()
        self.public = self._secret.public_key().public_bytes_raw()
        raw = base64.b64encode(b"\x04" + self.public).decode()
        self.key = f"{name}+{key_hash(name, self.public).hex()}+{raw}"
        #: Of each origin, the size and root that were cosigned last.
        self.seen = {}
        #: Status of each answer, and the old size asked with.
        self.answers = []
        self.away = False
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._server.server_address[1]}/prefix"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def _handler(witness):
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                status, kind, answer = witness.answer(self.path, self.headers, body)
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(answer.encode())))
                self.end_headers()
                self.wfile.write(answer.encode())

            def log_message(self, *_):
                pass

        return Handler

    def answer(self, path, headers, body):
        with self._lock:
            status, answer, *kind = self._answer(path, headers, body)
            self.answers.append((status, body.split("\n")[0]))
            return status, kind[0] if kind else "text/plain", answer

    def _answer(self, path, headers, body):
        if self.away:
            return 503, "away\n"
        if path != "/prefix/add-checkpoint":
            return 404, "no such path\n"
        if self.token and headers["authorization"] != f"Bearer {self.token}":
            return 401, "who are you?\n"
        head, _, note = body.partition("\n\n")
        first, *lines = head.split("\n")
        assert first.startswith("old ") and str(int(first[4:])) == first[4:] and len(lines) <= 63, head
        old, proof = int(first[4:]), [verifier.decode64(line, 32) for line in lines]
        checkpoint = verifier.Checkpoint(note)
        if not any(checkpoint.is_signed(key) for key in self.logs):
            return 403, "not a log of mine\n"
        if old > checkpoint.size:
            return 400, "the old size is larger\n"
        size, root = self.seen.get(checkpoint.origin, (0, hashlib.sha256().digest()))
        if size != old:
            return 409, f"{size}\n", "text/x.tlog.size"
        if size == checkpoint.size and root != checkpoint.root:
            return 409, "another root\n"
        if not verifier.consistent(size, root, checkpoint.size, checkpoint.root, proof):
            return 422, "the proof does not hold\n"
        self.seen[checkpoint.origin] = checkpoint.size, checkpoint.root
        return 200, self.cosign(checkpoint.text)

    def cosign(self, text):
        now = int(time.time())
        signature = self._secret.sign(f"cosignature/v1\ntime {now}\n{text}".encode())
        raw = key_hash(self.name, self.public) + now.to_bytes(8, "big") + signature
        other = b"\0\0\0\0" + bytes(72)
        lines = [f"{DASH}{self.name} {base64.b64encode(raw).decode()}\n"]
        return f"{DASH}stranger.example {base64.b64encode(other).decode()}\n" + "".join(lines)

    def vouches(self, written):
        """The size of a cosigned checkpoint, checked. Raises where it is not cosigned by this witness."""
        checkpoint = verifier.Checkpoint(written)
        wanted = self.name, key_hash(self.name, self.public)
        [raw] = [raw for name, known, raw in checkpoint.signatures if (name, known) == wanted]
        message = f"cosignature/v1\ntime {int.from_bytes(raw[:8], 'big')}\n{checkpoint.text}"
        Ed25519PublicKey.from_public_bytes(self.public).verify(raw[8:], message.encode())
        return checkpoint.size
