"""A plugin that breaks cannot hurt: its fault mode applies, and the next exchange works."""

import openai
import pytest

from support import binary, raw, sse

GRANTS = ["edit", "escalate", "state", "state-global", "clock"]
STREAM = sse.text("All ", "is ", "well.")
CLASSES = {"trap": "fault_trap", "panic": "fault_trap", "loop": "fault_deadline", "memory": "fault_memory", "fault": "fault_own"}
OUTPUTS = ["span_out_of_range", "span_off_boundary", "overlapping_edits", "huge_output"]


@pytest.fixture
def hostile(configured, upstream):
    """A gate with the hostile plugin as its only policy."""
    upstream.speaks(STREAM, sse.whole("All is well."))

    def start(at, do, changes=None, **entry):
        config = {"at": at, "do": do}
        # On a busy machine what is slow must not pass for what never returns.
        limits = {"deadline_ms": 100 if do == "loop" else 5000}
        entry = {"id": "hostile", "plugin": "hostile.wasm", "grants": GRANTS, "config": config, "limits": limits, **entry}
        changes = {**(changes or {}), "policies": {"set": [entry]}}
        return configured(upstream.url, changes, {"hostile.wasm": binary.plugin("witgate-test-hostile")})

    return start


@pytest.mark.parametrize("do", [*CLASSES, *OUTPUTS])
def test_admission(hostile, upstream, do):
    gate = hostile("admission", do)
    for _ in range(2):
        answer = raw.ask(gate, raw.chat("héllo"))
        assert answer.status == 503, answer.body
        error, told = answer.json()["error"], answer.json()["witgate"]
        code = CLASSES.get(do, "fault_bad_output")
        assert error["type"] == "policy_fault" and error["code"] == code
        assert told["stage"] == "admission" and told["plugin"] == "hostile" and told["code"] == code
    assert not upstream.requests
    assert f"could not decide: {code}" in gate.audit(answer.exchange)
    assert gate.metric(f'witgate_faults_total{{plugin="hostile",code="{code}"}}') == 2


@pytest.mark.parametrize("do", CLASSES)
def test_admission_that_may_fault(hostile, upstream, do):
    gate = hostile("admission", do, on_fault="allow")
    for streamed in (False, True):
        answer = raw.ask(gate, raw.chat(stream=streamed))
        assert answer.status == 200
        assert f"could not decide: {CLASSES[do]}" in gate.audit(answer.exchange)
    assert sse.without_comments(answer.body) == STREAM


@pytest.mark.parametrize("do", [*CLASSES, "settle_back", "settle_beyond", "span_out_of_range"])
def test_inspection_of_a_stream(hostile, do):
    gate = hostile("inspection", do)
    with pytest.raises(openai.APIError) as raised:
        list(gate.client().chat.completions.create(**raw.chat(stream=True)))
    code = CLASSES.get(do, "fault_bad_output")
    assert raised.value.body["type"] == "policy_fault" and raised.value.body["code"] == code
    answer = raw.ask(gate, raw.chat(stream=True))
    assert answer.clean and sse.finish(answer.body) != "content_filter" and b"[DONE]" not in answer.body
    assert f"could not decide: {code}" in gate.audit(answer.exchange)


@pytest.mark.parametrize("do", CLASSES)
def test_inspection_of_a_whole_answer(hostile, do):
    answer = raw.ask(hostile("inspection", do))
    assert answer.status == 503 and answer.json()["witgate"]["code"] == CLASSES[do]
    assert b"well" not in answer.body


@pytest.mark.parametrize("do", [*CLASSES, "settle_back"])
def test_inspection_that_may_fault(hostile, do):
    gate = hostile("inspection", do, on_fault="allow")
    answer = raw.ask(gate, raw.chat(stream=True))
    assert sse.without_comments(answer.body) == STREAM
    assert f"could not decide: {CLASSES.get(do, 'fault_bad_output')}" in gate.audit(answer.exchange)


@pytest.mark.parametrize("streamed", [False, True], ids=["unary", "streamed"])
@pytest.mark.parametrize("do", CLASSES)
def test_commitment(hostile, upstream, do, streamed):
    gate = hostile("commitment", do)
    call = ("get_weather", '{"city":"Rome"}')
    upstream.speaks(sse.calls(call), sse.whole(None, [call]))
    answer = raw.ask(gate, raw.chat(stream=streamed))
    assert b"Rome" not in answer.body and b"get_weather" not in answer.body
    if streamed:
        assert sse.lines(answer.body)[-1]["error"]["type"] == "policy_fault"
    else:
        assert answer.status == 503
    assert "commitment  FAULT by hostile" in gate.audit(answer.exchange)


@pytest.mark.parametrize("at, do", [("admission", "deny"), ("admission", "trap"), ("inspection", "deny"), ("inspection", "loop"),
                                    ("commitment", "deny"), ("commitment", "escalate"), ("commitment", "memory")])
def test_monitor_never_blocks(hostile, upstream, at, do):
    gate = hostile(at, do, mode="monitor")
    call = ("get_weather", '{"city":"Rome"}')
    body = sse.event({"content": "Well. "}) + sse.calls(call)
    upstream.speaks(body, sse.whole("Well.", [call]))
    unary, streamed = raw.ask(gate), raw.ask(gate, raw.chat(stream=True))
    assert unary.body == sse.whole("Well.", [call]) and sse.without_comments(streamed.body) == body
    for answer in (unary, streamed):
        told = gate.audit(answer.exchange)
        if do in CLASSES:
            assert f"could not decide: {CLASSES[do]}" in told
        else:
            assert f"(monitor: would have been {do})" in told


def test_monitor_does_not_edit(hostile, upstream):
    gate = hostile("admission", "edit", mode="monitor")
    body = raw.chat("hello")
    assert raw.ask(gate, body).status == 200 and upstream.last().json() == body


def test_enforced_edit_does(hostile, upstream):
    gate = hostile("admission", "edit")
    assert raw.ask(gate, raw.chat("hello")).status == 200
    assert upstream.last().json() != raw.chat("hello")


def test_one_faulty_exchange_does_not_touch_another(hostile, upstream):
    """While one exchange's plugin spins, others end."""
    gate = hostile("commitment", "loop", limits={"deadline_ms": 1500})
    call = ("get_weather", "{}")
    upstream.speaks(sse.calls(call), sse.whole("fine"))
    with raw.Client(gate.port) as slow:
        slow.post(raw.chat(stream=True))
        assert slow.head().status == 200
        for _ in range(20):
            assert raw.ask(gate).status == 200
    assert raw.ask(gate).status == 200


def test_each_exchange_has_a_fresh_sandbox(configured, upstream):
    entry = {"id": "counter", "plugin": "counter.wasm"}
    gate = configured(upstream.url, {"policies": {"set": [entry]}}, {"counter.wasm": binary.plugin("witgate-test-counter")})
    calls = [("get_a", "{}"), ("get_b", "{}"), ("get_c", "{}")]
    upstream.speaks(sse.calls(*calls), sse.whole(None, calls))
    for at in range(30):
        answer = raw.ask(gate, raw.chat(stream=bool(at % 2)))
        assert answer.status == 200, "memory of another exchange is seen"
        if at > 27:
            told = gate.audit(answer.exchange)
            assert [f"label calls = {n}" in told for n in (1, 2, 3, 4)] == [True, True, True, False]


def test_log_flood_is_bounded(hostile):
    gate = hostile("admission", "log_flood")
    assert raw.ask(gate).status == 200
    assert len(gate.log()) < 1 << 20


def test_monitor_sees_what_comes_in_pieces(configured, upstream):
    """A policy that only watches is not waited for: what it finds began in text that has gone out."""
    gate = configured(upstream.url, {"policies": {"set": [{"id": "pii", "plugin": "builtin:pii", "mode": "monitor"}]}})
    pieces = ["Write to jo.", "doe@exam", "ple.org or pay with 4111 11", "11 1111 1111 soon. ", "So much for that."]
    upstream.says(sse.text(*pieces), size=40)
    answer = raw.ask(gate, raw.chat(stream=True))
    assert sse.content(answer.said) == "".join(pieces)
    told = gate.audit(answer.exchange)
    assert "could not decide" not in told and "found email" in told and "found card" in told
