"""Standing in for the official client: what can be imported, what says that it is missing, and what is refused.

Each case runs in a process of its own, because what was imported there stays.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sseclaude.replay import ReplayServer
from tests.support.streams import ROOT

INSTALLED = "import sseclaude.dropin\nsseclaude.dropin.install()\n"


def run(*arguments: str, cwd: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ANTHROPIC_")}
    return subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        cwd=cwd,
        env=clean | {"PYTHONPATH": str(ROOT), **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def output(source: str) -> str:
    done = run("-c", INSTALLED + source)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_names_are_ours() -> None:
    source = """
import anthropic, sseclaude
from anthropic import Anthropic, Omit, AsyncStream, APIResponse
from anthropic._types import NOT_GIVEN
from anthropic._exceptions import RateLimitError
from anthropic.lib.streaming import MessageStreamManager
from anthropic.resources.messages import Messages
from anthropic.types import Message, RawContentBlockDeltaEvent, Model
from anthropic.types.beta import BetaTextBlock
from anthropic.types.text_block import TextBlock
assert Anthropic is sseclaude.Anthropic and Message is sseclaude.Message and Omit is sseclaude.Omit
assert RateLimitError is sseclaude.RateLimitError and NOT_GIVEN is sseclaude.NOT_GIVEN
assert RawContentBlockDeltaEvent.__module__.startswith("sseclaude")
assert {"Anthropic", "AnthropicBedrock"} <= set(dir(anthropic))
sseclaude.dropin.install()
print(anthropic.__version__)
"""
    assert output(source) == "2.14.0"


def test_a_module_need_not_be_imported_itself() -> None:
    source = """
import anthropic, sseclaude
assert anthropic.types.Message is anthropic.types.beta.BetaMessage is sseclaude.Message
assert anthropic.lib.streaming.MessageStream is sseclaude.MessageStream
print(anthropic.types.TextBlock(text="x").text)
"""
    assert output(source) == "x"


def test_all_names_can_be_imported_at_once() -> None:
    source = """
from anthropic import *
from anthropic.types import *
import sseclaude
assert Anthropic is sseclaude.Anthropic and HTTPNotImplementedError is sseclaude.HTTPNotImplementedError
assert Message is sseclaude.Message
print(TextBlock(text="x").text)
"""
    assert output(source) == "x"


def test_what_is_missing_can_be_imported_and_says_so_when_it_is_used() -> None:
    source = """
import pydantic
from anthropic import AnthropicBedrock, CredentialsError, beta_tool
from anthropic.types.beta import BetaManagedAgentsSession
from anthropic.types import FileListParams
from anthropic.types.beta.beta_file_metadata import BetaFileMetadata
assert not isinstance(1, AnthropicBedrock) and issubclass(CredentialsError, Exception)
assert FileListParams(a=1) == {"a": 1}
assert pydantic.TypeAdapter(FileListParams).validate_python({"a": 1}) == {"a": 1}
assert pydantic.TypeAdapter(int | AnthropicBedrock).validate_python(1) == 1
for use in (AnthropicBedrock, beta_tool, BetaManagedAgentsSession, BetaFileMetadata):
    try:
        use()
    except TypeError as error:
        print(error)
try:
    AnthropicBedrock.nothing
except AttributeError as error:
    print(error)
"""
    lines = output(source).splitlines()
    assert [line.split(" of the ")[0] for line in lines] == [
        f"sseclaude does not have {name}"
        for name in (
            "AnthropicBedrock",
            "beta_tool",
            "BetaManagedAgentsSession",
            "BetaFileMetadata",
            "AnthropicBedrock",
        )
    ]


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("from anthropic import Antropic", "did you mean 'Anthropic'?"),
        ("from anthropic.types import TextBlok", "did you mean 'TextBlock'?"),
        ("import anthropic.typs", "did you mean 'types'?"),
        ("from anthropic.types.text_block import Qqqqq", "cannot import name 'Qqqqq'"),
    ],
)
def test_a_name_that_neither_has_is_an_import_error(statement: str, words: str) -> None:
    assert words in output(f"try:\n    {statement}\nexcept ImportError as error:\n    print(error)")


def test_it_is_refused_when_the_official_client_is_there_already(tmp_path: Path) -> None:
    (tmp_path / "anthropic.py").write_text("")
    done = run("-c", "import anthropic\n" + INSTALLED, PYTHONPATH=f"{ROOT}{os.pathsep}{tmp_path}")
    assert done.returncode == 1
    assert "anthropic was imported already, from" in done.stderr


def test_events_are_accumulated() -> None:
    source = f"""
import copy, sseclaude
from anthropic.lib.streaming._messages import accumulate_event
data = open({str(ROOT / "fixtures" / "tool_use.sse")!r}, "rb").read()
snapshot = None
for event in sseclaude.iter_events([data]):
    if event.type != "ping" or snapshot is not None:
        snapshot = accumulate_event(event=event, current_snapshot=snapshot)
assert snapshot == sseclaude.assemble([data])
stop = [event for event in sseclaude.iter_events([data])][-1]
for given in (None, copy.copy(snapshot)):
    try:
        accumulate_event(event=stop, current_snapshot=given)
    except sseclaude.AnthropicError as error:
        print(type(error).__name__)
"""
    assert len(output(source).splitlines()) == 2


# --- the command -----------------------------------------------------------------------------------------------------

PROGRAM = """
import sys, anthropic
print(sys.argv[1:], __name__, anthropic.Anthropic(api_key="k").messages.create(
    model="m", max_tokens=9, messages=[{"role": "user", "content": "Hello"}]).stop_reason)
"""


@pytest.mark.parametrize("way", [["prog.py"], ["-m", "prog"]])
def test_a_program_runs_with_not_a_line_changed(way: list[str], tmp_path: Path) -> None:
    (tmp_path / "prog.py").write_text(PROGRAM)
    with ReplayServer(ROOT / "fixtures" / "text.sse", pace=None) as server:
        done = run("-m", "sseclaude.dropin", *way, "--flag", "x", cwd=tmp_path, ANTHROPIC_BASE_URL=server.url)
    assert done.stdout == "['--flag', 'x'] __main__ end_turn\n", done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"), [([], "usage:"), (["-m"], "usage:"), (["--help"], "usage:"), (["no-such"], "no program")]
)
def test_a_program_that_is_not_there(arguments: list[str], words: str) -> None:
    done = run("-m", "sseclaude.dropin", *arguments)
    assert (done.returncode, words in done.stderr) == (1, True)
