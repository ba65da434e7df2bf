"""detect-secrets with its usual plugins and heuristics. Nothing is verified over the network."""

import os
import tempfile

from detect_secrets.core.scan import scan_file
from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.settings import get_settings, transient_settings

FILTERS = [
    "is_sequential_string",
    "is_potential_uuid",
    "is_likely_id_string",
    "is_templated_secret",
    "is_prefixed_with_dollar_sign",
    "is_indirect_reference",
    "is_lock_file",
    "is_not_alphanumeric_string",
    "is_swagger_file",
]


class Scanner:
    """One file for all rows, as files are what it reads."""

    def __enter__(self):
        plugins = [{"name": one.__name__} for one in get_mapping_from_secret_type_to_class().values()]
        self.settings = transient_settings({"plugins_used": plugins})
        self.settings.__enter__()
        get_settings().configure_filters([{"path": f"detect_secrets.filters.heuristic.{name}"} for name in FILTERS])
        self.folder = tempfile.TemporaryDirectory()
        self.file = os.path.join(self.folder.name, "row.txt")
        return self

    def __exit__(self, *problem):
        self.folder.cleanup()
        self.settings.__exit__(*problem)

    def found(self, text):
        with open(self.file, "w", newline="") as file:
            file.write(text)
        return any(True for _ in scan_file(self.file))
