"""The two pains around a client: what its import costs, and that testing with it is do-it-yourself."""

from __future__ import annotations

import subprocess
import sys
from ast import literal_eval
from inspect import get_annotations

import httpx

from sseclaude import derived_events, events, message, message_details
from sseclaude.blocks import by_type, citations, content, model, results, server_blocks
from sseclaude.replay import ReplayServer, ReplayTransport
from tests.support.streams import FIXTURES, ROOT

LOADED = """
import sys, pydantic
before = set(sys.modules)
import sseclaude
empty = set(sys.modules) - before
from sseclaude import assemble
core = set(sys.modules)
client = sseclaude.Anthropic(api_key="key")
print(sorted(name for name in empty if not name.startswith("sseclaude")))
print(sorted(core & {"httpx", "httpcore", "anyio", "asyncio", "socket", "ssl", "click", "rich", "yaml"}))
print(sorted(set(sys.modules) & {"yaml", "sseclaude.replay", "sseclaude.cli", "httpx_sse"}))
print(not client._transport.clients.made)
"""


def test_slow_import() -> None:
    """A name is imported when it is used; the core brings no HTTP library, and a client makes none before it asks."""
    run = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert run.stderr == ""
    nothing_else, no_network, no_extras, made_late = run.stdout.split("\n")[:4]
    assert nothing_else == no_network == no_extras == "[]"
    assert made_late == "True"


FIRST_USE = """
import sys
from sseclaude.blocks import make_block
late = {f"sseclaude.blocks.{name}" for name in ("citations", "server_blocks", "results")}
print(sorted(late & set(sys.modules)))
make_block({"type": "text", "text": "a", "citations": [{"type": "page_location"}]})
print(sorted(late & set(sys.modules)))
make_block({"type": "container_upload", "file_id": "f"})
print(sorted(late & set(sys.modules)))
make_block({"type": "web_search_tool_result", "content": [{"type": "web_search_result"}]})
print(sorted(late & set(sys.modules)))
"""


def test_seldom_models_are_imported_with_the_first_object() -> None:
    run = subprocess.run([sys.executable, "-c", FIRST_USE], cwd=ROOT, capture_output=True, text=True, check=True)
    citations, results, blocks = (f"sseclaude.blocks.{name}" for name in ("citations", "results", "server_blocks"))
    assert [literal_eval(line) for line in run.stdout.splitlines()] == [
        [],
        [citations],
        [citations, blocks],
        [citations, results, blocks],
    ]


def test_the_table_of_server_blocks_is_that_of_their_module() -> None:
    assert {kind: made.__name__ for kind, made in by_type(server_blocks.ServerBlock).items()} == content.SERVER_BLOCKS


def test_annotations_of_models_are_no_strings() -> None:
    """Pydantic compiles each annotation that is a string when the class is made: a quarter of what the models cost."""
    modules = (model, citations, content, server_blocks, results, message, message_details, events, derived_events)
    models = [found for module in modules for found in vars(module).values() if isinstance(found, type(model.Model))]
    written = {f"{made.__name__}.{name}": kind for made in models for name, kind in get_annotations(made).items()}
    assert len(written) > 100
    assert [place for place, kind in written.items() if isinstance(kind, str)] == []


def test_testing_streams_is_do_it_yourself() -> None:
    """The server and the transport answer as recorded, to the byte, and the transport to the chunk."""
    recording = FIXTURES / "tool_use.sse"
    body = {"model": "m", "max_tokens": 9, "stream": True, "messages": [{"role": "user", "content": "Hi"}]}
    headers = {"x-api-key": "key"}
    with ReplayServer(recording, pace=None) as server, httpx.Client() as client:
        assert client.post(f"{server.url}/v1/messages", json=body, headers=headers).content == recording.read_bytes()
    with (
        httpx.Client(transport=ReplayTransport(recording, pace=None)) as client,
        client.stream("POST", "http://localhost/v1/messages", json=body, headers=headers) as response,
    ):
        chunks = list(response.iter_raw())
    assert b"".join(chunks) == recording.read_bytes()
    assert all(chunk.endswith(b"\n\n") for chunk in chunks)
    assert len(chunks) == recording.read_bytes().count(b"event: ")
