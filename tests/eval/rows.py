"""Labelled rows, as `witgate plugin eval` reads them."""

import base64
import dataclasses
import json

POSITIVE = {"attack", "pii", "secret"}
NEGATIVE = {"benign", "clean"}

# Names of span types that mean the same; host/gate/src/cli/plugin/eval/types.rs has the longer list.
SAME = [
    ("email", "emailaddress"),
    ("card", "creditcard"),
    ("ssn", "usssn"),
    ("ip", "ipaddress"),
    ("phone", "phonenumber"),
    ("iban", "ibancode"),
    ("mac", "macaddress"),
    ("url", "uri"),
    ("name", "person"),
    ("zip", "zipcode", "postcode"),
    ("date", "datetime"),
    ("dateofbirth", "dob", "birth"),
    ("organization", "organisation"),
    ("passport", "uspassport"),
    ("driverlicense", "driverslicense", "usdriverlicense", "driverlicence", "driverslicence", "drivinglicence", "licence", "license"),
    ("bankaccount", "usbanknumber", "bank"),
    ("taxid", "usitin", "itin"),
    ("nhs", "uknhs"),
]
NAMES = {name: same[0] for same in SAME for name in same}


def type_name(name):
    plain = name.lower().replace("_", "").replace("-", "").replace(" ", "")
    return NAMES.get(plain, plain)


@dataclasses.dataclass
class Row:
    text: str
    positive: bool
    kind: str
    spans: "set | None"


def read(path):
    rows = []
    with open(path, "rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            raw = json.loads(line)
            text = raw["text"] if "text" in raw else base64.b64decode(raw["text_b64"]).decode()
            label = raw["label"]
            if label not in POSITIVE | NEGATIVE:
                raise ValueError(f"{path}:{number}: the label {label!r} is not known")
            spans = raw.get("spans")
            if spans is not None:
                spans = {(type_name(span["type"]), span["start"], span["end"]) for span in spans}
            rows.append(Row(text, label in POSITIVE, raw.get("kind", "-"), spans))
    return rows
