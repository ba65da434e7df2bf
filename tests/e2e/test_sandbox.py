"""The sandbox as a whole: what a broken, slow or dishonest plugin does to everybody else."""

import hashlib
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from support import binary, raw, sse
from support.poll import until

GRANTS = ["edit", "escalate", "state", "state-global", "clock"]
WHOLE = sse.whole("All is well.")
#: How often the set is replaced while traffic flows; 1000 for a long run.
RELOADS = int(os.environ.get("WITGATE_TEST_RELOADS", "60"))


def hostile(at, do, **entry):
    limits = {"deadline_ms": 5000}
    return {"id": "hostile", "plugin": "hostile.wasm", "grants": GRANTS, "config": {"at": at, "do": do}, "limits": limits, **entry}


@pytest.fixture
def gate_with(configured, upstream):
    upstream.speaks(sse.text("All ", "is ", "well."), WHOLE)

    def start(*entries, **changes):
        files = {"hostile.wasm": binary.plugin("witgate-test-hostile"), "counter.wasm": binary.plugin("witgate-test-counter"),
                 "one.wasm": binary.plugin("witgate-test-counter")}
        return configured(upstream.url, {**changes, "policies": {"set": list(entries)}}, files)

    return start


def code_of(answer):
    assert answer.status == 503, answer.body
    return answer.json()["witgate"]["code"]


def test_the_breaker_never_makes_an_outcome_weaker(gate_with, upstream):
    gate = gate_with(hostile("admission", "trap"))
    codes = [code_of(raw.ask(gate)) for _ in range(20)]
    assert codes[0] == "fault_trap" and codes[-1] == "fault_breaker_open"
    assert not upstream.requests, "nothing passed, whatever the breaker says"
    assert gate.metric('witgate_plugin_breaker_open{plugin="hostile"}') == 1
    assert gate.policy()["plugins"][0]["breaker"] == "open"
    assert "plugin_breaker_open" in gate.log()
    # From time to time one exchange tries.
    until(lambda: code_of(raw.ask(gate)) == "fault_trap", "an exchange that tries")


def test_the_breaker_of_a_plugin_that_may_fault_lets_pass_what_a_fault_would(gate_with):
    gate = gate_with(hostile("admission", "trap", on_fault="allow"))
    answers = [raw.ask(gate) for _ in range(20)]
    assert [a.status for a in answers] == [200] * 20
    assert "could not decide: fault_breaker_open" in gate.audit(answers[-1].exchange)


def test_a_reload_closes_the_breaker(gate_with):
    gate = gate_with(hostile("admission", "trap"))
    while code_of(raw.ask(gate)) != "fault_breaker_open":
        pass
    gate.config.value["policies"]["set"] = [hostile("admission", "slow_but_ok")]
    gate.config.write()
    until(lambda: gate.generation() == 2, "the new set")
    assert raw.ask(gate).status == 200


def test_a_faulting_caller_does_not_open_the_breaker_for_others(gate_with, upstream):
    """The hostile plugin traps on answers alone; two good exchanges come for each bad one."""
    gate = gate_with({"id": "hostile", "plugin": "hostile.wasm", "grants": GRANTS, "config": {"at": "commitment", "do": "trap"}})
    call = sse.whole(None, [("get_weather", '{"city":"Rome"}')])

    def answer(connection, request):
        connection.whole(call if b"bad" in request.body else WHOLE)

    upstream.answer = answer
    for _ in range(20):
        assert raw.ask(gate, raw.chat("good")).status == 200
        assert raw.ask(gate, raw.chat("good")).status == 200
        assert code_of(raw.ask(gate, raw.chat("bad"))) == "fault_trap"
    assert gate.metric('witgate_plugin_breaker_open{plugin="hostile"}') == 0


def test_guests_that_loop_leave_the_workers_to_others(gate_with):
    gate = gate_with(hostile("admission", "loop", limits={"deadline_ms": 800}))
    done = []

    def ask(_):
        code = code_of(raw.ask(gate))
        done.append(code)

    with ThreadPoolExecutor(8) as pool:
        asked = pool.map(ask, range(8))
        until(lambda: gate.metric("witgate_exchanges_in_flight") == 8, "all of them inside")
        assert gate.metric("witgate_lane_free") == 0
        for _ in range(5):
            assert gate.admin("/healthz")[0] == 200 and gate.get("/nowhere")[0] == 404
        assert not done, "both listeners answer while every place of the lane is taken"
        list(asked)
    assert set(done) <= {"fault_deadline", "fault_breaker_open"}


def test_sandboxes_are_counted_and_end_with_their_exchange(gate_with):
    gate = gate_with({"id": "counter", "plugin": "counter.wasm", "grants": GRANTS})
    opened = gate.metric("witgate_sandboxes_opened_total")
    for _ in range(10):
        assert raw.ask(gate).status == 200
    assert gate.metric("witgate_sandboxes_opened_total") == opened + 10
    until(lambda: gate.metric("witgate_sandboxes_open") == 0, "all of them ended")
    assert gate.metric("witgate_plugins_compiled_total") + gate.metric("witgate_plugins_from_cache_total") == 1


def test_a_plugin_leaves_probation_by_good_work(gate_with):
    gate = gate_with({"id": "counter", "plugin": "counter.wasm", "grants": GRANTS})
    probation = 'witgate_plugin_on_probation{plugin="counter"}'
    assert gate.metric(probation) == 1
    for _ in range(64):
        assert raw.ask(gate).status == 200
    until(lambda: gate.metric(probation) == 0, "off probation")
    assert raw.ask(gate).status == 200


def doctored():
    """The injection plugin, whose manifest expects of it what it does not do."""
    module = binary.plugin("witgate-plugin-injection")
    was, is_now = b'"verdict": "deny"', b'"verdict":"allow"'
    assert was in module and len(was) == len(is_now)
    return module.replace(was, is_now)


def test_a_plugin_that_fails_its_own_tests_does_not_serve(configured, upstream):
    entry = {"id": "one", "plugin": "one.wasm"}
    gate = configured(upstream.url, {"policies": {"set": [entry]}}, {"one.wasm": binary.plugin("witgate-plugin-injection")})
    gate.config.plugin("one.wasm", doctored())
    until(lambda: gate.policy()["last_failed_reload"], "a reload that fails")
    failed = gate.policy()["last_failed_reload"]
    assert failed["code"] == "plugin_self_test" and "test 0 of its own manifest" in failed["message"]
    assert gate.generation() == 1


@pytest.mark.parametrize("do, code", [("loop", "plugin_configure_fault"), ("memory", "plugin_configure_fault")])
def test_what_is_wrong_in_configure_costs_a_failed_reload(gate_with, do, code):
    gate = gate_with({"id": "hostile", "plugin": "counter.wasm", "grants": GRANTS})
    gate.config.value["policies"]["set"] = [hostile("configure", do)]
    gate.config.write()
    # `configure` may take five seconds, and is run by the loader.
    until(lambda: gate.policy()["last_failed_reload"], "a reload that fails", 60)
    assert gate.policy()["last_failed_reload"]["code"] == code
    assert raw.ask(gate).status == 200, "the set in force goes on"


def resident(gate):
    with open(f"/proc/{gate.process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


# A second for a reload is a busy machine's.
@pytest.mark.timeout(120 + RELOADS)
def test_reloads_under_load(gate_with, upstream):
    """Not one exchange fails or sees two sets, and memory stays where it was."""
    gate = gate_with({"id": "one", "plugin": "one.wasm", "grants": GRANTS})
    stop, failures, asked = threading.Event(), [], []

    def traffic():
        while not stop.is_set():
            answer = raw.ask(gate)
            asked.append(answer.exchange)
            if answer.status != 200 or answer.body != WHOLE:
                failures.append((answer.status, answer.body))

    files = [binary.plugin("witgate-test-counter"), binary.plugin("witgate-test-noop")]
    with ThreadPoolExecutor(4) as pool:
        load = [pool.submit(traffic) for _ in range(4)]
        try:
            sizes = []
            for at in range(RELOADS):
                gate.config.plugin("one.wasm", files[(at + 1) % 2])
                until(lambda: gate.generation() >= at + 2, f"generation {at + 2}")
                sizes.append(resident(gate))
        finally:
            stop.set()
        for one in load:
            one.result()
    assert not failures and len(asked) > RELOADS
    # In KiB. It takes some thirty reloads until as many sandboxes stay warm as ever do; then no more than 50 KiB a reload.
    settled = len(sizes) * 2 // 3
    assert max(sizes[settled:]) - max(sizes[:settled]) < 2048 + 50 * (len(sizes) - settled), sizes
    until(lambda: gate.metric("witgate_sandboxes_open") == 0, "no sandbox is left")


def test_a_burst_of_changes_ends_in_the_last_one(gate_with):
    gate = gate_with({"id": "one", "plugin": "one.wasm", "grants": GRANTS})
    files = [binary.plugin("witgate-test-counter"), binary.plugin("witgate-test-noop")]
    place = gate.config.folder / "policies" / "one.wasm"
    for at in range(1000):
        part = place.with_suffix(".part")
        part.write_bytes(files[at % 2])
        part.replace(place)
    wanted = hashlib.sha256(files[1]).hexdigest()
    until(lambda: gate.policy()["plugins"][0]["sha256"] == wanted, "the last of them")
    time.sleep(0.5)
    assert gate.policy()["plugins"][0]["sha256"] == wanted
    assert gate.generation() < 200, "changes are gathered"
    assert raw.ask(gate).status == 200
