"""A time-stamping authority: a small HTTP server before `openssl ts -reply`, with certificates of its own."""

import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CONFIG = """
[req]
distinguished_name = name
prompt = no
[name]
CN = A test's root
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
[stamps]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[tsa]
default_tsa = stamping
[stamping]
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
clock_precision_digits = 3
"""


def openssl(folder, *words, data=None):
    return subprocess.run(["openssl", *words], cwd=folder, input=data, capture_output=True, timeout=60)


def made(folder, *words):
    done = openssl(folder, *words)
    assert done.returncode == 0, done.stderr.decode()


class Authority:
    """Its root is `ca`. `answers` has what it answered; `instead` is what it answers instead."""

    def __init__(self, folder):
        folder.mkdir(mode=0o700)
        self.folder, self.ca = folder, folder / "ca.pem"
        self.answers, self.instead = [], None
        (folder / "openssl.cnf").write_text(CONFIG)
        (folder / "serial").write_text("01\n")
        configured = ["-config", "openssl.cnf"]
        elliptic = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        made(folder, "req", "-x509", *elliptic, "-keyout", "ca.key", "-out", "ca.pem", "-days", "30", "-extensions", "root", *configured)
        made(folder, "req", *elliptic, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=stamps", *configured)
        made(folder, "x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "20",
             "-extfile", "openssl.cnf", "-extensions", "stamps", "-out", "tsa.pem")
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/tsr"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def stamp(self, query):
        (self.folder / "query").write_bytes(query)
        done = openssl(self.folder, "ts", "-reply", "-config", "openssl.cnf", "-queryfile", "query")
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def verifies(self, token, over):
        """Whether OpenSSL takes the token, over the bytes in a file."""
        done = openssl(self.folder, "ts", "-verify", "-in", str(token), "-data", str(over), "-CAfile", "ca.pem")
        return done.returncode == 0

    def _handler(authority):
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                query = self.rfile.read(int(self.headers["content-length"]))
                fits = self.headers["content-type"] == "application/timestamp-query" and self.path == "/tsr"
                answer = authority.instead if authority.instead is not None else authority.stamp(query)
                authority.answers.append(answer)
                self.send_response(200 if fits else 400)
                self.send_header("content-type", "application/timestamp-reply")
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        return Handler
