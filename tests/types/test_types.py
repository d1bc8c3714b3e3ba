"""The types by the names that programs import: the same objects, imported late, each from its module too."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

import sseclaude
from sseclaude import blocks, events, message, types
from sseclaude.client.params import MessageParam
from sseclaude.types import beta, content_params
from sseclaude.types.lookup import module_name
from sseclaude.types.names import BETA_NAMES, NAMES, beta_name
from tests.support.streams import ROOT

PACKAGES = [(types, NAMES), (beta, BETA_NAMES)]


@pytest.mark.parametrize(("package", "names"), PACKAGES, ids=["types", "beta"])
def test_every_name_is_a_type_of_ours(package: Any, names: dict[str, Any]) -> None:
    assert dir(package) == sorted(names)
    for name, (module, ours) in names.items():
        defined = import_module(f"sseclaude.{module}" if module else "sseclaude")
        assert getattr(package, name) is getattr(defined, ours), name


UNTYPED = {("types.words", "OpenParam"), ("blocks", "AttributeDict")}
"""Objects without a type of their own: to type checkers they are Any."""


@pytest.mark.parametrize(("package", "names"), PACKAGES, ids=["types", "beta"])
def test_checkers_see_what_the_program_gets(package: Any, names: dict[str, tuple[str, str]]) -> None:
    path = Path(package.__file__)
    seen: dict[str, tuple[str, str]] = {}
    (typed,) = (node for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.If))
    for node in typed.body:
        assert isinstance(node, ast.ImportFrom)
        folder = path.parents[node.level - 1].relative_to(ROOT / "sseclaude")
        module = ".".join((*folder.parts, *filter(None, [node.module])))
        seen |= {alias.asname or alias.name: (module, alias.name) for alias in node.names}
    assert seen == {name: place for name, place in names.items() if place not in UNTYPED}
    assert package.__all__ == sorted(seen)


def test_the_same_thing_under_other_names() -> None:
    assert types.Message is message.Message is beta.BetaMessage is sseclaude.Message
    assert types.RawContentBlockDeltaEvent is events.ContentBlockDeltaEvent
    assert types.CitationCharLocation is blocks.CharLocation
    assert beta.ParsedBetaMessage is message.ParsedMessage
    assert types.MessageParam is MessageParam is content_params.MessageParam
    assert beta.MessageCreateParams is types.MessageCreateParamsNonStreaming
    assert types.MessageTokensCount is sseclaude.MessageTokensCount


MODULES = {
    "message_param": "MessageParam",
    "message": "Message",
    "text_block": "TextBlock",
    "url_image_source_param": "URLImageSourceParam",
    "input_json_delta": "InputJSONDelta",
    "base64_pdf_source": "Base64PDFSource",
    "tool_bash_20250124_param": "ToolBash20250124Param",
    "tool_search_tool_bm25_20251119_param": "ToolSearchToolBm25_20251119Param",
    "message_create_params": "MessageCreateParamsStreaming",
    "raw_message_delta_event": "Delta",
}


@pytest.mark.parametrize(("module", "name"), MODULES.items())
def test_a_type_has_a_module_of_its_own(module: str, name: str) -> None:
    found = import_module(f"sseclaude.types.{module}")
    assert getattr(found, name) is getattr(types, name)
    assert getattr(types, module) is found
    if module != "message_create_params":
        of_beta = import_module(f"sseclaude.types.beta.beta_{module}")
        assert getattr(of_beta, beta_name(name)) is getattr(types, name)


def test_modules_are_named_after_their_types() -> None:
    own = {
        name: module
        for module, name in MODULES.items()
        if module not in ("message_create_params", "raw_message_delta_event")
    }
    assert {name: module_name(name) for name in own} == own


@pytest.mark.parametrize("package", ["sseclaude.types", "sseclaude.types.beta"])
def test_a_name_that_is_not_there_is_an_error_with_the_nearest(package: str) -> None:
    module = import_module(package)
    with pytest.raises(AttributeError, match=r"did you mean '(Beta)?MessageParam'"):
        getattr(module, "BetaMesageParam" if package.endswith("beta") else "MesageParam")
    with pytest.raises(ImportError, match=r"did you mean '(Beta)?TextBlock'"):
        exec(f"from {package} import {'Beta' * package.endswith('beta')}TextBlok")
    with pytest.raises(AttributeError, match=r"no attribute '_private'$"):
        _ = module._private
    with pytest.raises(ImportError, match="cannot import name 'Zzz' from"):
        exec(f"from {package} import Zzz")
    with pytest.raises(ModuleNotFoundError):
        import_module(f"{package}.no_such_type")
    assert not hasattr(module, "no_such_type")
    with pytest.raises(AttributeError, match="has no attribute 'Nothing"):
        _ = import_module("sseclaude.types.text_block").NothingLikeIt


def test_a_types_import_brings_no_http_library() -> None:
    program = (
        "import sys\nfrom sseclaude.types import Message, TextBlock, MessageParam, ToolParam\n"
        "print(sorted({'httpx', 'anyio', 'sseclaude.client'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_a_turn_can_be_validated_by_pydantic() -> None:
    turn = {"role": "assistant", "content": [{"type": "text", "text": "hi"}]}
    assert TypeAdapter(types.MessageParam).validate_python(turn)["role"] == "assistant"


def test_a_module_that_has_no_such_name_says_so() -> None:
    from sseclaude.client import params

    with pytest.raises(AttributeError, match="Nothing"):
        _ = params.Nothing  # type: ignore[attr-defined]


def test_every_parameter_has_a_line_of_help() -> None:
    tree = ast.parse((ROOT / "sseclaude/client/params.py").read_text(encoding="utf-8"))
    described = ("RequestOptions", "MessageCountTokensParams", "MessageCreateParams")
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name in described:
            body = node.body[1:]
            assert [isinstance(one, ast.AnnAssign) for one in body] == [True, False] * (len(body) // 2), node.name


TOP = {
    "TextEvent": "derived_events.TextEvent",
    "ParsedBetaMessageStopEvent": "derived_events.MessageStopEvent",
    "BetaMessageStream": "client.stream.MessageStream",
    "BaseModel": "blocks.Model",
    "APIResponse": "client.raw_response.RawResponse",
    "not_given": "client.not_given.NOT_GIVEN",
    "DEFAULT_CONNECTION_LIMITS": "client.http_clients.LIMITS",
}


@pytest.mark.parametrize(("name", "ours"), TOP.items())
def test_the_top_level_has_the_names_of_the_official_client(name: str, ours: str) -> None:
    module, _, attribute = ours.rpartition(".")
    assert getattr(sseclaude, name) is getattr(import_module(f"sseclaude.{module}"), attribute)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("AnthropicBedrock", "does not have this part"),
        ("beta_tool", "does not have this part"),
        ("TextEvnt", "TextEvent"),
    ],
)
def test_a_name_that_is_not_here_says_so(name: str, said: str) -> None:
    with pytest.raises(ImportError, match=said):
        exec(f"from sseclaude import {name}")
    with pytest.raises(AttributeError, match=said):
        getattr(sseclaude, name)
