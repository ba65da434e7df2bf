"""docs/authoring.md: every command in it, in order, with the real binary. A step that does not end as it says fails."""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess

import pytest

from support import binary

DOC = binary.ROOT / "docs" / "authoring.md"


def steps():
    """The text of every fenced block that is marked ```sh walk."""
    return re.findall(r"^```sh walk\n(.*?)^```$", DOC.read_text(), re.MULTILINE | re.DOTALL)


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def path_with_witgate(folder):
    """A PATH on which `witgate` is the binary under test."""
    tools = folder / "bin"
    tools.mkdir()
    (tools / "witgate").symlink_to(binary.witgate())
    return f"{tools}:{os.environ['PATH']}"


def run(command, folder, **env):
    return subprocess.run(
        ["bash", "-c", command], cwd=folder, env={**os.environ, **env}, capture_output=True, text=True, timeout=600
    )


@pytest.mark.timeout(900)
def test_every_command_of_the_walk(folder):
    blocks = steps()
    assert len(blocks) >= 12, "the walk-through has lost its commands"
    assert shutil.which("curl"), "the walk-through needs curl"
    upstream, listen, admin = free_ports(3)
    script = "set -eu -o pipefail\ntrap 'kill $(jobs -p) 2>/dev/null; wait' EXIT\n"
    for number, block in enumerate(blocks, 1):
        for line in block.splitlines():
            # `set -e` does not look at what is negated: a command that must fail, and does not, must end the walk.
            if line.startswith("! "):
                block = block.replace(line, f"if {line[2:]}; then echo 'did not fail'; exit 9; fi")
        script += f"echo '=== step {number}'\n{block}\n"
    script += "echo '=== the end'\n"
    # The addresses that people read are taken on the machine of a test, perhaps.
    script = script.replace("127.0.0.1:9999", f"127.0.0.1:{upstream}")
    script = script.replace("127.0.0.1:8080", f"127.0.0.1:{listen}").replace("127.0.0.1:9090", f"127.0.0.1:{admin}")
    prepare = f"sed -i 's/^listen: .*/listen: 127.0.0.1:{listen}/; s/^  listen: .*/  listen: 127.0.0.1:{admin}/' gate/witgate.yaml\n"
    script = script.replace("witgate init gate\n", f"witgate init gate\n{prepare}")
    place = folder / "walk"
    place.mkdir(mode=0o700)
    out = folder / "out"
    with open(out, "wb") as log:
        # A session of its own, so that nothing it starts outlives it.
        shell = subprocess.Popen(
            ["bash", "-c", script],
            cwd=place,
            env={**os.environ, "PATH": path_with_witgate(folder)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = shell.wait(850)
        finally:
            try:
                os.killpg(shell.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
    told = out.read_text(errors="replace")
    assert code == 0 and "=== the end" in told, told
    # What the page shows is what there is to see.
    for shown in ["word_withheld 100 %", "Is [withheld] ready?", "10 cases", "may be put in force", "covered by the cases"]:
        assert shown in told, f"{shown!r} is not in:\n{told}"
    assert (place / "codename" / "junit.xml").read_text().startswith("<?xml")
    assert "operation_named" in (place / "answer.json").read_text()


def test_a_watched_project_is_tested_again_when_a_file_is_saved(folder):
    path = path_with_witgate(folder)
    made = run("witgate plugin new watched", folder, PATH=path)
    assert made.returncode == 0, made.stderr
    watch = subprocess.Popen(
        [binary.witgate(), "plugin", "watch", "--rounds", "2", "--format", "json"],
        cwd=folder / "watched",
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        first = json.loads(watch.stdout.readline())
        assert (first["round"], first["exit"], first["passed"]) == (1, 0, 9), first
        cases = folder / "watched" / "cases.yaml"
        cases.write_text(cases.read_text().replace("code: word_in_key", "code: word_in_kay"))
        second = json.loads(watch.stdout.readline())
        assert (second["round"], second["exit"], second["passed"]) == (2, 1, 8), second
        assert second["failed"] == ["the name of a field cannot be edited, so the prompt is refused"]
        assert watch.wait(20) == 1
    finally:
        watch.kill()
        watch.wait()


def test_what_does_not_compile_and_what_does_not_fit_have_honest_codes(folder):
    path = path_with_witgate(folder)
    assert run("witgate plugin new broken --format json", folder, PATH=path).returncode == 0
    source = folder / "broken" / "src" / "lib.rs"
    source.write_text(source.read_text() + "\nfn broken() -> u8 { \"\" }\n")
    built = run("witgate plugin build", folder / "broken", PATH=path)
    assert built.returncode == 1 and "plugin_crate_compile" in built.stderr and "mismatched types" in built.stderr, built.stderr
    assert not (folder / "broken" / "broken.wasm").exists()
    again = run("witgate plugin new broken", folder, PATH=path)
    assert again.returncode == 2 and "plugin_not_empty" in again.stderr
    assert run("witgate plugin new 'No Name'", folder, PATH=path).returncode == 2
    nobody = run("echo hello | witgate plugin run nowhere.wasm", folder, PATH=path)
    assert nobody.returncode == 2, nobody


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("language", "tool"), [("python", "componentize-py"), ("javascript", "componentize-js"), ("c", "wit-bindgen")]
)
def test_other_languages_where_their_compiler_is(folder, language, tool):
    """The compiler is taken from the PATH; without it, the build says what to install, and this part is left out."""
    path = path_with_witgate(folder)
    assert run(f"witgate plugin new other --lang {language}", folder, PATH=path).returncode == 0
    project = folder / "other"
    if language == "c" and shutil.which(tool) and not shutil.which("clang"):
        tool = "clang"
    if not shutil.which(tool):
        built = run("witgate plugin build", project, PATH=path)
        assert built.returncode == 2 and "plugin_no_tool" in built.stderr and tool in built.stderr, built.stderr
        pytest.skip(f"{tool} is not there")
    built = run("witgate plugin build --format json", project, PATH=path)
    assert built.returncode == 0, built.stderr
    assert json.loads(built.stdout)["stages"] == ["admission", "inspection", "commitment"]
    tested = run("witgate plugin test other.wasm --format json", project, PATH=path)
    assert tested.returncode == 0, tested.stdout
    assert json.loads(tested.stdout)["passed"] == 9


def test_the_walk_is_marked_as_the_test_expects():
    """A fence with another mark would be a command that nobody runs."""
    marks = set(re.findall(r"^```(\S.*)$", DOC.read_text(), re.MULTILINE))
    assert marks == {"sh walk"}, marks
    assert pathlib.Path(DOC).read_text().count("```") % 2 == 0
