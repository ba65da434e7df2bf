"""Certificates of an authority of our own."""

import os
import ssl

import trustme


class Authority:
    """Issues certificates for 127.0.0.1 into files, and knows how clients trust them."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(mode=0o700, exist_ok=True)
        self._ca = trustme.CA()
        self.file = folder / "ca.pem"
        self._ca.cert_pem.write_to_path(str(self.file))

    def pair(self, certificate, key):
        """Writes a new certificate and its key, each in one step. Gives what is in the certificate."""
        issued = self._ca.issue_cert("127.0.0.1", "localhost")
        replace(certificate, b"".join(blob.bytes() for blob in issued.cert_chain_pems), 0o644)
        replace(key, issued.private_key_pem.bytes(), 0o600)
        return issued.cert_chain_pems[0].bytes().decode()

    def holder(self, certificate, key, *names, common_name=None):
        """Writes the certificate of a client with these names, and its key, each in one step."""
        issued = self._ca.issue_cert(*names, common_name=common_name)
        replace(certificate, b"".join(blob.bytes() for blob in issued.cert_chain_pems), 0o644)
        replace(key, issued.private_key_pem.bytes(), 0o600)
        return certificate, key

    def client(self, *protocols):
        """What a client of ours trusts, and offers by ALPN."""
        context = ssl.create_default_context(cafile=str(self.file))
        if protocols:
            context.set_alpn_protocols(list(protocols))
        return context

    def server(self, *protocols):
        """How an upstream of ours shows itself."""
        certificate, key = self.folder / "server.pem", self.folder / "server.key"
        self.pair(certificate, key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        context.set_alpn_protocols(list(protocols))
        return context


def replace(path, data, mode):
    new = path.with_name(f".{path.name}.new")
    new.write_bytes(data)
    new.chmod(mode)
    os.replace(new, path)
