"""Configurations: made by `witgate init`, changed by tests. JSON is YAML, so no library is needed to write one."""

import copy
import json
import os

from . import binary

BUILTINS = ("pii", "injection", "classification", "tool-tiers")


def builtins():
    """With a deadline that a busy machine keeps too: it counts time that passes, not time that is worked."""
    return [{"id": name, "plugin": f"builtin:{name}", "limits": {"deadline_ms": 5000}} for name in BUILTINS]


def merge(base, more):
    """`more` over `base`, object by object."""
    out = copy.deepcopy(base)
    for key, value in more.items():
        out[key] = merge(out[key], value) if isinstance(value, dict) and isinstance(out.get(key), dict) else value
    return out


class Config:
    """A folder of `witgate init` with a configuration of our own in it."""

    def __init__(self, folder, upstream_url, cache, changes=None):
        made = binary.run("init", folder)
        assert made.returncode == 0, made.stderr
        self.folder, self.file = folder, folder / "witgate.yaml"
        self.policies = folder / "policies"
        self.value = merge(
            {
                "version": 1,
                "listen": "127.0.0.1:0",
                "admin": {"listen": "127.0.0.1:0"},
                "upstreams": [{"name": "model", "path": "/v1", "url": upstream_url}],
                "policies": {"directory": "policies", "set": builtins()},
                "ledger": {
                    "directory": "ledger",
                    "hmac_key_file": "keys/ledger.key",
                    "receipt_key_file": "keys/receipt.key",
                },
                "cache_dir": str(cache),
            },
            changes or {},
        )
        self.write()

    def write(self):
        """In one step, as an editor or a deployment does."""
        new = self.folder / ".witgate.yaml.new"
        new.write_text(json.dumps(self.value, indent=2))
        os.replace(new, self.file)

    def plugin(self, name, data):
        """Puts a plugin into the policy directory by rename. Hidden until it is whole."""
        new = self.policies / f".{name}.new"
        new.write_bytes(data)
        os.replace(new, self.policies / name)
