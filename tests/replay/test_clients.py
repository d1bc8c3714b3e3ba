"""Other people's clients read the replay server's streams, and end with the message that the fixture says.

They are looked for in SSECLAUDE_OFFICIAL_PYTHON (an interpreter that has ``anthropic``) or in the running interpreter,
and in SSECLAUDE_OFFICIAL_NODE_MODULES (a folder that has ``@anthropic-ai/sdk``). With SSECLAUDE_PEERS=1 they are
installed into ``.peers/``. What is not found is skipped.
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sseclaude.replay import Disconnect, Error, ReplayServer, Status

ROOT = Path(__file__).parent.parent.parent
FIXTURES = ROOT / "fixtures"
PEERS = ROOT / ".peers"
PATIENCE = 60  # seconds for a program that takes one

Program = Callable[[str, str, dict[str, Any]], dict[str, Any]]
"""Called with a face, a base URL and the request's parameters; returns the message, or what failed."""

PYTHON = """
import asyncio, json, sys
import anthropic

def sync_stream(options, params):
    with anthropic.Anthropic(**options) as client, client.messages.stream(**params) as stream:
        return stream.get_final_message()

def sync_plain(options, params):
    with anthropic.Anthropic(**options) as client:
        return client.messages.create(**params)

async def async_stream(options, params):
    async with anthropic.AsyncAnthropic(**options) as client, client.messages.stream(**params) as stream:
        return await stream.get_final_message()

async def async_plain(options, params):
    async with anthropic.AsyncAnthropic(**options) as client:
        return await client.messages.create(**params)

def count_tokens(options, params):
    params.pop("max_tokens")
    with anthropic.Anthropic(**options) as client:
        return client.messages.count_tokens(**params)

def models(options, params):
    with anthropic.Anthropic(**options) as client:
        return client.models.list()

def answer(face, url, params):
    options = dict(base_url=url, api_key="sk-peer", max_retries=2)
    try:
        result = globals()[face](options, params)
        result = asyncio.run(result) if asyncio.iscoroutine(result) else result
        return result.model_dump(mode="json", exclude_unset=True)
    except anthropic.APIStatusError as error:
        body = error.body if isinstance(error.body, dict) else {}
        return {"status": error.status_code, "type": body.get("error", {}).get("type"), "id": error.request_id}
    except Exception as error:
        return {"failed": type(error).__name__}

for line in sys.stdin:
    print(json.dumps(answer(*json.loads(line))), flush=True)
"""

NODE = """
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
const require = createRequire(process.env.PEER_MODULES + "/");
const Anthropic = require("@anthropic-ai/sdk").default;

const faces = {
  node_stream: (client, params) => client.messages.stream(params).finalMessage(),
  node_plain: (client, params) => client.messages.create(params),
};
async function answer(face, baseURL, params) {
  const client = new Anthropic({ baseURL, apiKey: "sk-peer", maxRetries: 2 });
  try {
    return await faces[face](client, params);
  } catch (error) {
    if (error instanceof Anthropic.APIError && error.status)
      return { status: error.status, type: error.error?.error?.type, id: error.requestID };
    return { failed: error.constructor.name };
  }
}
for await (const line of createInterface({ input: process.stdin }))
  console.log(JSON.stringify(await answer(...JSON.parse(line))));
process.exit(0);
"""


class Peer:
    """A program around somebody's client, kept running: a line of JSON in, a line of JSON out."""

    def __init__(self, command: list[str], env: dict[str, str]) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("ANTHROPIC_", "PYTHON"))}
        self.process = subprocess.Popen(
            command, env=clean | env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def __call__(self, face: str, url: str, params: dict[str, Any]) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([face, url, params]) + "\n")
        self.process.stdin.flush()
        watchdog = threading.Timer(PATIENCE, self.process.kill)
        watchdog.start()
        line = self.process.stdout.readline()
        watchdog.cancel()
        assert line, f"the client's program ended with {self.process.poll()}"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        with self.process:
            pass


def find_python() -> str | None:
    """An interpreter that has the official Python client."""
    if named := os.environ.get("SSECLAUDE_OFFICIAL_PYTHON"):
        return named
    if importlib.util.find_spec("anthropic"):
        return sys.executable
    return install_python() if os.environ.get("SSECLAUDE_PEERS") == "1" else None


def install_python() -> str:
    python = PEERS / "python" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", PEERS / "python"], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "anthropic"], check=True)
    return str(python)


def find_node_modules() -> str | None:
    """A folder of node's modules that has the official TypeScript client."""
    if named := os.environ.get("SSECLAUDE_OFFICIAL_NODE_MODULES"):
        return named
    wanted = os.environ.get("SSECLAUDE_PEERS") == "1" and shutil.which("npm")
    return install_node_modules() if wanted else None


def install_node_modules() -> str:
    modules = PEERS / "node_modules"
    if not (modules / "@anthropic-ai" / "sdk").exists():
        command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(PEERS), "@anthropic-ai/sdk"]
        subprocess.run(command, check=True)
    return str(modules)


@pytest.fixture(scope="session")
def python_client() -> Iterator[Program]:
    python = find_python()
    if python is None:
        pytest.skip("the official Python client is not here: set SSECLAUDE_OFFICIAL_PYTHON, or SSECLAUDE_PEERS=1")
    peer = Peer([python, "-c", PYTHON], {"PYTHONIOENCODING": "utf-8"})
    yield peer
    peer.close()


@pytest.fixture(scope="session")
def node_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    modules, node = find_node_modules(), shutil.which("node")
    if modules is None or node is None:
        pytest.skip("the official TypeScript client is not here: set SSECLAUDE_OFFICIAL_NODE_MODULES and install node")
    program = tmp_path_factory.mktemp("node") / "peer.mjs"
    program.write_text(NODE, encoding="utf-8")
    peer = Peer([node, str(program)], {"PEER_MODULES": modules})
    yield peer
    peer.close()


STREAMS = ["sync_stream", "async_stream", "node_stream"]
PLAINS = ["sync_plain", "async_plain", "node_plain"]


@pytest.fixture
def client(request: pytest.FixtureRequest, face: str) -> Program:
    program: Program = request.getfixturevalue("node_client" if face.startswith("node") else "python_client")
    return program


PARAMS = {"model": "claude-sonnet-4-6", "max_tokens": 1024, "messages": [{"role": "user", "content": "Hello"}]}
NAMES = ["text", "thinking", "tool_use", "parallel_tools"]


def without_nulls(value: Any) -> Any:
    """Clients fill in fields that were not sent, as null, and leave out some that were."""
    if isinstance(value, dict):
        return {key: without_nulls(one) for key, one in value.items() if one is not None}
    return [without_nulls(one) for one in value] if isinstance(value, list) else value


def shown(message: dict[str, Any], expected: dict[str, Any]) -> Any:
    """A client's message without what it adds of its own: fields that the wire does not have."""
    message = {key: value for key, value in without_nulls(message).items() if key in expected}
    blocks = zip(message["content"], expected["content"], strict=True)
    message["content"] = [{key: value for key, value in got.items() if key in want} for got, want in blocks]
    return message


def expectation(name: str) -> Any:
    return without_nulls(json.loads((FIXTURES / f"{name}.json").read_bytes()))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("face", STREAMS)
def test_a_stream_is_read_to_the_fixtures_message(client: Program, face: str, name: str) -> None:
    with ReplayServer(FIXTURES / f"{name}.sse", pace=None) as server:
        message = client(face, server.url, PARAMS)
        expected = expectation(name)
        assert shown(message, expected) == expected
        assert server.requests[0].body["stream"] is True
        assert "sk-peer" not in repr(server.requests[0])


@pytest.mark.parametrize("face", PLAINS)
def test_a_plain_answer_is_the_fixtures_message(client: Program, face: str) -> None:
    with ReplayServer(FIXTURES / "tool_use.sse", pace=None) as server:
        expected = expectation("tool_use")
        assert shown(client(face, server.url, PARAMS), expected) == expected


@pytest.mark.parametrize("face", STREAMS)
def test_two_refusals_are_retried_and_the_answer_is_read(client: Program, face: str) -> None:
    refusals = [Status(529, retry_after=0.01), Status(529, retry_after=0.01)]
    with ReplayServer(FIXTURES / "text.sse", pace=None, faults=refusals) as server:
        expected = expectation("text")
        assert shown(client(face, server.url, PARAMS), expected) == expected
        assert [entry.status for entry in server.requests] == [529, 529, 200]


@pytest.mark.parametrize("face", STREAMS)
def test_a_refusal_is_the_clients_own_error(client: Program, face: str) -> None:
    with ReplayServer(pace=None, faults=[Status(403)]) as server:
        reported = client(face, server.url, PARAMS)
        assert reported == {"status": 403, "type": "permission_error", "id": "req_replay00000000000001"}


@pytest.mark.parametrize("face", STREAMS)
def test_a_bad_request_is_the_clients_own_error(client: Program, face: str) -> None:
    with ReplayServer(pace=None) as server:
        reported = client(face, server.url, PARAMS | {"messages": []})
        assert (reported["status"], reported["type"]) == (400, "invalid_request_error")


@pytest.mark.parametrize("face", STREAMS)
def test_an_error_in_the_stream_is_not_taken_for_a_message(client: Program, face: str) -> None:
    with ReplayServer(FIXTURES / "text.sse", pace=None, faults=[Error("api_error", after_events=4)]) as server:
        reported = client(face, server.url, PARAMS)
        assert "content" not in reported
        assert server.requests[0].status == 200


@pytest.mark.parametrize("face", STREAMS)
def test_a_cut_is_not_taken_for_a_message(client: Program, face: str) -> None:
    with ReplayServer(FIXTURES / "text.sse", pace=None, faults=[Disconnect(after_events=4)]) as server:
        assert "failed" in client(face, server.url, PARAMS)
        assert server.requests[0].ended == "fault"


@pytest.mark.parametrize("face", ["count_tokens"])
def test_tokens_are_counted(client: Program, face: str) -> None:
    with ReplayServer() as server:
        assert client(face, server.url, PARAMS)["input_tokens"] > 0


@pytest.mark.parametrize("face", ["models"])
def test_models_are_listed(client: Program, face: str) -> None:
    with ReplayServer() as server:
        assert "claude-sonnet-4-6" in [model["id"] for model in client(face, server.url, PARAMS)["data"]]
