"""What the tests stand on: the binary, a gate, upstreams with full control over their bytes, a client without a library."""
