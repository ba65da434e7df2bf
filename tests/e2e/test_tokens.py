"""Tokens over the turns of a session, what callers type, and where values come back beside the text."""

import hashlib
import json
import re
import threading
import time

import anthropic
import pytest

from support import binary, raw
from support.config import builtins
from support.poll import until
from support.speech import DIALECTS, Call, Custom, Text, Thinking, chunks
from support.sse import dumps

EMAIL, OTHER, CARD = "jo.doe@example.org", "al.roe@example.org", "4111 1111 1111 1111"
KEYS = {"team-a": "wg-client-key-1", "team-b": "wg-client-key-2"}
TOKEN = re.compile(r"\[(?:EMAIL|CARD)_[0-9A-Z]{8}\]")
MESSAGES, RESPONSES = DIALECTS.messages, DIALECTS.responses
every = pytest.mark.parametrize("dialect", [DIALECTS.chat, MESSAGES, RESPONSES], ids=lambda one: one.name)
both = pytest.mark.parametrize("streamed", [False, True], ids=["unary", "streamed"])


@pytest.fixture
def guarded(configured, upstream, folder):
    """Starts gates with a key of their own and two clients."""

    def start(**changes):
        clients, up = folder / "clients", folder / "up.key"
        clients.write_text("".join(f"{name} {hashlib.sha256(key.encode()).hexdigest()}\n" for name, key in KEYS.items()))
        up.write_text("sk-upstream-secret\n")
        for file in (clients, up):
            file.chmod(0o600)
        return configured(upstream.url, {
            "upstreams": [{"name": "model", "path": "/v1", "url": upstream.url, "key_file": str(up)}],
            "clients": {"keys_file": str(clients)},
            **changes,
        })

    return start


def of(who="team-a", session="s"):
    headers = {"authorization": f"Bearer {KEYS[who]}"}
    return {**headers, "x-witgate-session": session} if session is not None else headers


def post(gate, text, dialect=DIALECTS.chat, streamed=False, headers=None, **more):
    body = dialect.ask(text, stream=streamed, **more)
    answer = raw.ask(gate, body, path=dialect.path, headers=of() if headers is None else headers)
    assert answer.status == 200, answer.body
    return answer


def said(gate, upstream, answer, text="and now?", dialect=DIALECTS.chat, streamed=False, headers=None, **more):
    """What a client hears when it asks `text` and the model says `answer`, a part or a text."""
    part = answer if not isinstance(answer, str) else Text(*chunks(answer, 3))
    upstream.speaks(dialect.stream(part), dialect.whole(part))
    return dialect.heard(post(gate, text, dialect, streamed, headers, **more), streamed)


def tokens(gate, upstream, text, **more):
    """The tokens that went up for what stands in `text`."""
    said(gate, upstream, "yes", text, **more)
    return TOKEN.findall(upstream.last().body.decode())


@every
@both
def test_a_token_of_an_earlier_turn_comes_back(guarded, upstream, dialect, streamed):
    gate = guarded()
    [token] = tokens(gate, upstream, f"I am {EMAIL}", dialect=dialect)
    assert tokens(gate, upstream, f"still {EMAIL}", dialect=dialect, streamed=streamed) == [token]
    for size in (1, 2, 5, 99):
        heard = said(gate, upstream, Text(*chunks(f"Hello {token}!", size)), dialect=dialect, streamed=streamed)
        assert heard.text == f"Hello {EMAIL}!", size
    assert gate.metric("witgate_token_sessions") == 1 and gate.metric("witgate_token_entries") == 1
    assert EMAIL not in gate.log() and token not in gate.log()


@both
def test_nobody_else_gets_it_back(guarded, upstream, streamed):
    gate = guarded()
    [token] = tokens(gate, upstream, EMAIL)
    for headers in (of("team-b", "s"), of("team-a", "s2"), of("team-a", None), of("team-a", "S")):
        assert said(gate, upstream, token, headers=headers, streamed=streamed).text == token
        [own] = tokens(gate, upstream, EMAIL, headers=headers)
        assert own != token
        assert said(gate, upstream, token, f"my {EMAIL}", headers=headers, streamed=streamed).text == token
    assert said(gate, upstream, token, streamed=streamed).text == EMAIL


def test_without_clients_a_session_is_the_callers_word(gate, upstream):
    headers = {"x-witgate-session": "s"}
    [token] = tokens(gate, upstream, EMAIL, headers=headers)
    assert said(gate, upstream, token, headers=headers).text == token
    assert tokens(gate, upstream, EMAIL, headers=headers) != [token]


@every
@both
def test_what_a_caller_types_is_not_put_back(guarded, upstream, dialect, streamed):
    """Guessed, pasted from another session, or a real one of this session: it stays as it was typed, both ways."""
    gate = guarded()
    [real] = tokens(gate, upstream, EMAIL, dialect=dialect)
    [pasted] = tokens(gate, upstream, EMAIL, dialect=dialect, headers=of(session="s2"))
    guessed = "[EMAIL_00000000]"
    typed = f"{real} {pasted} {guessed}"
    heard = said(gate, upstream, typed, f"what is {typed}? I am {EMAIL}", dialect=dialect, streamed=streamed)
    assert heard.text == typed
    sent = dialect.prompt(upstream.last().json())
    assert f"what is {typed}? I am [EMAIL_" in sent, "what was typed goes up as it is"
    own = TOKEN.findall(sent)[-1]
    assert own not in (real, pasted, guessed)
    heard = said(gate, upstream, f"{real}{own}", f"{real} {EMAIL}", dialect=dialect, streamed=streamed)
    assert heard.text == real + EMAIL
    assert said(gate, upstream, f"{real}{own}", dialect=dialect, streamed=streamed).text == EMAIL * 2


def test_a_token_typed_in_escapes_is_typed_all_the_same(guarded, upstream):
    gate = guarded()
    [real] = tokens(gate, upstream, EMAIL)
    upstream.speaks(b"", DIALECTS.chat.whole(Text(real)))
    escaped = real.replace("[", "\\u005b").replace("_", "\\u005F")
    body = dumps(DIALECTS.chat.ask("what is X?")).replace("X", escaped).encode()
    answer = raw.ask(gate, body, headers=of())
    assert answer.status == 200 and EMAIL not in answer.body.decode()
    call = {"id": "c1", "type": "function", "function": {"name": "get_x", "arguments": dumps({"a": dumps({"b": real})})}}
    messages = [{"role": "user", "content": "x"}, {"role": "assistant", "content": None, "tool_calls": [call]},
                {"role": "tool", "tool_call_id": "c1", "content": "y"}]
    answer = raw.ask(gate, {"model": "m", "messages": messages}, headers=of())
    assert answer.status == 200 and EMAIL not in answer.body.decode(), "in arguments inside arguments"


def test_a_crowd_of_look_alikes_gets_masks(guarded, upstream):
    gate = guarded()
    [real] = tokens(gate, upstream, EMAIL)
    crowd = "".join(f"[EMAIL_{number:08}]" for number in range(5000))
    assert said(gate, upstream, real, f"{crowd} {EMAIL}").text == real
    sent = upstream.last().body.decode()
    assert EMAIL not in sent and sent.count("[EMAIL]") == 1
    assert gate.metric('witgate_tokens_degraded_total{reason="look_alikes"}') == 1
    assert "look_alikes" in gate.log()


def test_exchanges_of_one_session_at_once(guarded, upstream):
    gate = guarded()

    def answer(connection, request):
        body = request.json()
        text = body["messages"][-1]["content"]
        if body.get("stream"):
            connection.stream(DIALECTS.chat.stream(Text(*chunks(text, 2))))
        else:
            connection.whole(DIALECTS.chat.whole(Text(text)))

    upstream.answer = answer
    wrong = []

    def one(who, number):
        for turn in range(6):
            text = f"{EMAIL} and {who}{number}@example.org and {turn}"
            streamed = turn % 2 == 1
            heard = DIALECTS.chat.heard(post(gate, text, streamed=streamed, headers=of(who)), streamed)
            if heard.text != text:
                wrong.append((text, heard.text))

    threads = [threading.Thread(target=one, args=(who, number)) for who in KEYS for number in range(3)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert not wrong
    first = {TOKEN.search(request.body.decode()).group(0) for request in upstream.requests}
    assert len(first) == 2, "one token of the shared value for each principal"
    assert gate.metric("witgate_token_sessions") == 2 and gate.metric("witgate_token_entries") == 8


@pytest.mark.parametrize("value", ["", "a b", "x" * 257, "sé"], ids=["empty", "space", "long", "not ascii"])
def test_a_session_that_is_not_plain(guarded, upstream, value):
    answer = raw.ask(guarded(), headers=of(session=value))
    assert answer.status == 400 and answer.json()["error"]["code"] == "bad_header" and not upstream.requests


def test_two_sessions_are_none(guarded, upstream):
    gate = guarded()
    with raw.Client(gate.port) as client:
        client.send(raw.request(dumps(raw.chat()).encode(), headers=of()).replace(b"x-witgate-session: s\r\n", b"x-witgate-session: s\r\nX-Witgate-Session: t\r\n"))
        answer = client.answer()
    assert answer.status == 400 and answer.json()["error"]["code"] == "bad_header" and not upstream.requests
    post(gate, "hi")
    assert upstream.last().header("x-witgate-session") is None


def test_sessions_end(guarded, upstream):
    gate = guarded(tokens={"idle_ms": 400})
    [token] = tokens(gate, upstream, EMAIL)
    assert said(gate, upstream, token).text == EMAIL
    until(lambda: gate.metric("witgate_token_sessions") == 0, "the session's end")
    assert gate.metric("witgate_token_entries") == 0 and gate.metric("witgate_token_bytes") == 0
    assert gate.metric('witgate_token_evictions_total{reason="idle"}') == 1
    assert said(gate, upstream, token).text == token


def test_an_old_session_ends_though_it_is_used(guarded, upstream):
    gate = guarded(tokens={"age_ms": 1500})
    [token] = tokens(gate, upstream, EMAIL)
    start = time.monotonic()
    while said(gate, upstream, token).text == EMAIL:
        assert time.monotonic() - start < 20
        time.sleep(0.1)
    assert gate.metric('witgate_token_evictions_total{reason="age"}') >= 1


def test_bounds_mask_and_evict_and_never_leak(guarded, upstream):
    gate = guarded(tokens={"sessions": 2, "entries": 2})
    [first] = tokens(gate, upstream, EMAIL)
    said(gate, upstream, "yes", f"{EMAIL} {OTHER} {CARD}")
    sent = upstream.last().body.decode()
    assert "[CARD]" in sent and "4111" not in sent and len(TOKEN.findall(sent)) == 2
    assert gate.metric('witgate_tokens_degraded_total{reason="entries"}') == 1
    [theirs] = tokens(gate, upstream, EMAIL, headers=of("team-b"))
    for name in ("s2", "s3"):
        tokens(gate, upstream, EMAIL, headers=of(session=name))
    assert gate.metric("witgate_token_sessions") == 2
    assert gate.metric('witgate_token_evictions_total{reason="sessions"}') == 2
    assert said(gate, upstream, theirs, headers=of("team-b")).text == EMAIL, "who has most makes place"
    assert said(gate, upstream, first).text == first


def test_no_sessions_at_all(guarded, upstream):
    gate = guarded(tokens={"sessions": 0})
    [token] = tokens(gate, upstream, EMAIL)
    assert said(gate, upstream, token).text == token
    assert said(gate, upstream, "x", f"again {EMAIL}").text == "x" and gate.metric("witgate_token_entries") == 0


def test_with_the_real_sdks(guarded, upstream):
    gate = guarded()
    headers = {"x-witgate-session": "sdk"}
    client = gate.client(api_key=KEYS["team-a"], default_headers=headers)
    [token] = tokens(gate, upstream, EMAIL, headers=of(session="sdk"))
    part = Text(*chunks(f"To {token}.", 4))
    upstream.speaks(DIALECTS.chat.stream(part), DIALECTS.chat.whole(part))
    messages = [{"role": "user", "content": "to whom?"}]
    assert client.chat.completions.create(model="m", messages=messages).choices[0].message.content == f"To {EMAIL}."
    some = client.chat.completions.create(model="m", messages=messages, stream=True)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in some if chunk.choices) == f"To {EMAIL}."
    upstream.speaks(RESPONSES.stream(part), RESPONSES.whole(part))
    with client.responses.stream(model="m", input="to whom?") as stream:
        assert stream.get_final_response().output_text == f"To {EMAIL}."
    upstream.speaks(MESSAGES.stream(part), MESSAGES.whole(part))
    claude = anthropic.Anthropic(
        api_key=KEYS["team-a"], base_url=f"http://127.0.0.1:{gate.port}", default_headers=headers, max_retries=0
    )
    with claude.messages.stream(model="m", max_tokens=9, messages=messages) as stream:
        assert stream.get_final_text() == f"To {EMAIL}."


# Tool calls


def allowing(**pii):
    """The built-in policies, with what pii does to arguments."""
    some = builtins()
    some[0]["config"] = pii
    return some


RESTORE = {"restore": [{"tool": "send_email", "kinds": ["email"]}]}


def called(gate, upstream, dialect, streamed, name, arguments, text, kind=Call, size=3):
    """The calls that a client hears when the model calls a tool with tokens in its arguments."""

    def answer(connection, request):
        some = TOKEN.findall(request.body.decode())
        written = arguments
        for number, token in enumerate(some):
            written = written.replace(f"<{number}>", token)
        call = kind(name, written, size=size)
        connection.stream(dialect.stream(call)) if streamed else connection.whole(dialect.whole(call))

    upstream.answer = answer
    return dialect.heard(post(gate, text, dialect, streamed, headers={}), streamed)


@every
@both
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_values_come_back_where_tool_and_kind_are_named(configured, upstream, dialect, streamed, size):
    gate = configured(upstream.url, {"tokens": RESTORE})
    inner = dumps({"to": "<0>", "deeper": dumps(["<0>", 1.50])})
    arguments = dumps({"to": "<0>", "card": "<1>", "n": 1, "body": f"Dear <0>, \"ü\" <1>", "raw": inner})
    text = f"write to {EMAIL} about {CARD}"

    def deep(calls):
        [(name, arguments)] = calls
        value = arguments if isinstance(arguments, dict) else json.loads(arguments)
        raw_value = json.loads(value["raw"])
        return name, value, raw_value, json.loads(raw_value["deeper"])

    name, value, raw_value, deeper = deep(called(gate, upstream, dialect, streamed, "send_email", arguments, text, size=size).calls)
    card = TOKEN.findall(upstream.last().body.decode())[1]
    assert (name, value["to"], value["card"]) == ("send_email", EMAIL, card), "a kind that is not named stays a token"
    assert value["body"] == f'Dear {EMAIL}, "ü" {card}' and raw_value["to"] == EMAIL and deeper == [EMAIL, 1.5]
    name, value, raw_value, deeper = deep(called(gate, upstream, dialect, streamed, "send_emails", arguments, text, size=size).calls)
    assert TOKEN.fullmatch(value["to"]) and TOKEN.fullmatch(raw_value["to"]) and TOKEN.fullmatch(deeper[0])


@pytest.mark.parametrize("dialect", [DIALECTS.chat, RESPONSES], ids=lambda one: one.name)
@both
def test_values_come_back_in_calls_of_free_text(configured, upstream, dialect, streamed):
    gate = configured(upstream.url, {"tokens": RESTORE})
    heard = called(gate, upstream, dialect, streamed, "send_email", 'To: <0>\n"hi" <1>', f"{EMAIL} {CARD}", kind=Custom)
    card = TOKEN.findall(upstream.last().body.decode())[1]
    assert heard.calls == [("send_email", f'To: {EMAIL}\n"hi" {card}')]


@every
@both
def test_commitment_judges_what_goes_out(configured, upstream, dialect, streamed):
    """With pii told to refuse personal data in arguments, the call with the value is withheld, the one with a token is not."""
    gate = configured(upstream.url, {"tokens": RESTORE, "policies": {"set": allowing(arguments="block")}})
    heard = called(gate, upstream, dialect, streamed, "send_email", '{"to":"<0>"}', EMAIL)
    assert heard.calls == [] and heard.withheld() == [("send_email", "pii_email")]
    heard = called(gate, upstream, dialect, streamed, "send_note", '{"to":"<0>"}', EMAIL)
    assert len(heard.calls) == 1 and heard.withheld() == []


@every
@both
def test_the_ledger_hashes_what_was_judged(configured, upstream, dialect, streamed):
    gate = configured(upstream.url, {"tokens": RESTORE})
    call = lambda token: Call("send_email", dumps({"to": token}))

    def answer(connection, request):
        part = call(TOKEN.search(request.body.decode()).group(0))
        connection.stream(dialect.stream(part)) if streamed else connection.whole(dialect.whole(part))

    upstream.answer = answer
    told = gate.audit(post(gate, EMAIL, dialect, streamed, headers={}).exchange)
    assert f"arguments {len(call(EMAIL).all)} bytes" in told, told


@every
@both
def test_an_edit_of_restored_arguments(configured, upstream, dialect, streamed):
    gate = configured(upstream.url, {"tokens": RESTORE, "policies": {"set": allowing(arguments="mask")}})
    arguments = dumps({"to": "<0>", "cc": f"x {OTHER} y", "n": 1})
    [(_, got)] = called(gate, upstream, dialect, streamed, "send_email", arguments, EMAIL).calls
    value = got if isinstance(got, dict) else json.loads(got)
    assert EMAIL not in dumps(value) and OTHER not in dumps(value) and value["n"] == 1
    assert value["cc"].startswith("x ") and value["cc"].endswith(" y")


@both
def test_a_token_that_was_typed_does_not_come_back_in_a_call(guarded, upstream, streamed):
    gate = guarded(tokens=RESTORE)
    [real] = tokens(gate, upstream, EMAIL)
    call = Call("send_email", dumps({"to": real}))
    heard = said(gate, upstream, call, f"send to {real}", streamed=streamed)
    assert json.loads(heard.calls[0][1]) == {"to": real}
    heard = said(gate, upstream, call, "send to the one from before", streamed=streamed)
    assert json.loads(heard.calls[0][1]) == {"to": EMAIL}


def test_a_kind_that_nobody_knows(configured, upstream):
    gate = configured(upstream.url)
    for kinds, pointer in ((["emial"], "kinds/0"), (["card", "pii-email"], "kinds/1")):
        gate.config.value["tokens"] = {"restore": [{"tool": "send_email", "kinds": kinds}]}
        gate.config.write()
        told = binary.run("validate", gate.config.file)
        assert told.returncode == 1 and "error[unknown_kind]" in told.stdout, told.stdout
        assert f"/tokens/restore/0/{pointer}" in told.stdout
        assert ("did you mean `email`?" in told.stdout) == (kinds == ["emial"])


# Beside the text


@both
def test_signed_thinking_keeps_its_tokens(gate, upstream, streamed):
    """What the provider signed is not edited, and an answer is not ended for it."""

    def answer(connection, request):
        [token] = TOKEN.findall(request.body.decode())
        parts = Thinking(f"to {token}"), Text("to ", token)
        connection.stream(MESSAGES.stream(*parts)) if streamed else connection.whole(MESSAGES.whole(*parts))

    upstream.answer = answer
    heard = MESSAGES.heard(post(gate, f"I am {EMAIL}", MESSAGES, streamed, headers={}), streamed)
    assert heard.text == f"to {EMAIL}" and TOKEN.search(heard.thinking) and EMAIL not in heard.thinking


@both
def test_what_is_cited_comes_back(gate, upstream, streamed):
    def answer(connection, request):
        [token] = TOKEN.findall(request.body.decode())
        part = Text("see", cited=f"I am {token}.")
        connection.stream(MESSAGES.stream(part)) if streamed else connection.whole(MESSAGES.whole(part))

    upstream.answer = answer
    assert f'"cited_text":"I am {EMAIL}."'.encode() in post(gate, f"I am {EMAIL}.", MESSAGES, streamed, headers={}).body.replace(b'": "', b'":"')


@every
def test_an_error_that_quotes_the_request(gate, upstream, dialect):
    def answer(connection, request):
        [token] = TOKEN.findall(request.body.decode())
        body = {"error": {"message": f"cannot take {token}", "type": "invalid_request_error", "param": None, "code": None}}
        connection.whole(dumps({"type": "error", **body} if dialect is MESSAGES else body).encode(), status=400)

    upstream.answer = answer
    told = raw.ask(gate, dialect.ask(f"I am {EMAIL}"), path=dialect.path)
    assert told.status == 400 and told.json()["error"]["message"] == f"cannot take {EMAIL}"


@both
def test_metadata_of_a_response_comes_back(gate, upstream, streamed):
    def answer(connection, request):
        said = b'"metadata":' + dumps(request.json()["metadata"]).encode() + b',"instructions":null'
        bodies = [body.replace(b'"instructions":null', said) for body in (RESPONSES.whole(Text("yes")), RESPONSES.stream(Text("yes")))]
        connection.stream(bodies[1]) if streamed else connection.whole(bodies[0])

    upstream.answer = answer
    answer = post(gate, "hi", RESPONSES, streamed, headers={}, metadata={"who": f"to {EMAIL} now"})
    assert answer.body.count(f'"who":"to {EMAIL} now"'.encode()) == (3 if streamed else 1)
