"""A list of regular expressions as a team writes it in an afternoon: the baseline that everything must beat.

Written for this file, from the formats and from what such attacks commonly say.
"""

import re


def compiled(**patterns):
    return {name: re.compile(pattern, re.IGNORECASE) for name, pattern in patterns.items()}


PII = compiled(
    email=r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    card=r"\b(?:\d[ -]?){12,18}\d\b",
    ssn=r"\b\d{3}-\d{2}-\d{4}\b",
    ip=r"\b(?:\d{1,3}\.){3}\d{1,3}\b",
    phone=r"(?:\+\d{1,3}[ .-]?)?\(?\b\d{3}\)?[ .-]\d{3}[ .-]\d{4}\b",
    iban=r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b",
)

SECRETS = compiled(
    aws=r"\bAKIA[0-9A-Z]{16}\b",
    github=r"\bgh[pousr]_[0-9A-Za-z]{36}",
    slack=r"\bxox[abpr]-[0-9A-Za-z-]{10,}",
    google=r"\bAIza[0-9A-Za-z_-]{35}",
    openai=r"\bsk-[0-9A-Za-z_-]{20,}",
    stripe=r"\b[sr]k_(?:live|test)_[0-9A-Za-z]{16,}",
    jwt=r"\beyJ[\w-]+\.eyJ[\w-]+\.[\w-]+",
    pem=r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    assignment=r"(?:password|passwd|secret|token|api[_-]?key)[\"']?\s*[:=]\s*[\"']?[^\s\"']{8,}",
    url=r"\b[a-z]+://[^/\s:@]+:[^/\s:@]{3,}@",
)

INJECTION = compiled(
    ignore=r"(?:ignore|disregard|forget|override)\b.{0,40}\b(?:previous|prior|above|earlier|all)\b.{0,40}\b(?:instruction|prompt|rule|direction)",
    forget=r"forget (?:everything|all)\b",
    you_are_now=r"\byou are now\b",
    pretend=r"\b(?:pretend|act) (?:to be|as if you|as though you)\b",
    no_limits=r"\b(?:without|no|free of) (?:any )?(?:restrictions|limitations|filters|rules)\b",
    dan=r"\bdo anything now\b|\bDAN\b",
    jailbreak=r"\bjailbreak",
    developer_mode=r"\bdeveloper mode\b",
    reveal=r"\b(?:reveal|print|show|repeat)\b.{0,30}\b(?:system prompt|your (?:instructions|prompt))",
    system=r"^\s*(?:system|\[system\]|<\|system\|>)\s*:",
    new_instructions=r"\bnew instructions?\s*:",
    important=r"\bIMPORTANT\s*(?:!|:|INSTRUCTION)",
)

PAYLOADS = compiled(
    union=r"\bunion\b.{0,20}\bselect\b",
    tautology=r"['\"]\s*(?:or|and)\s+['\"]?\w+['\"]?\s*=\s*['\"]?\w+",
    comment=r"['\"]\s*(?:--|#|/\*)",
    stacked=r";\s*(?:drop|delete|insert|update|exec|shutdown)\b",
    sleep=r"\b(?:sleep|benchmark|waitfor\s+delay|pg_sleep)\s*\(?",
    script=r"<\s*script\b",
    handler=r"\bon(?:error|load|click|mouseover|focus)\s*=",
    javascript=r"\bjavascript\s*:",
    shell=r"[;&|]\s*(?:cat|ls|id|whoami|wget|curl|nc|bash|sh)\b",
    substitution=r"\$\([^)]+\)|`[^`]+`",
    traversal=r"(?:\.\./|\.\.\\|%2e%2e)",
    etc=r"/etc/(?:passwd|shadow)",
)

OF = {"pii": PII, "secrets": SECRETS, "injection": INJECTION, "payloads": PAYLOADS}
