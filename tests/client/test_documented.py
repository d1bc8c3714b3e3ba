"""What ``help()`` shows of the methods' parameters."""

from __future__ import annotations

import ast
import inspect
import pydoc
from typing import Any

import pytest

from sseclaude import Anthropic, AsyncAnthropic
from sseclaude.client import params
from tests.support.network import KEY

METHODS = ["create", "stream", "parse", "count_tokens"]


def docs_of_fields() -> dict[str, str]:
    """The docs that stand behind the fields of the parameters' types, which editors show."""
    tree = ast.parse(inspect.getsource(params))
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    found = {}
    for each in classes:
        for field, doc in zip(each.body, each.body[1:], strict=False):
            if isinstance(field, ast.AnnAssign) and isinstance(doc, ast.Expr):
                assert isinstance(field.target, ast.Name)
                found[field.target.id] = ast.literal_eval(doc.value)
    return found


def test_help_says_what_editors_say() -> None:
    lines = dict(line.split(": ", 1) for line in params.PARAMETER_DOCS.splitlines())
    assert lines == docs_of_fields()
    assert set(lines) == set(params.MessageCreateParams.__annotations__)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", [Anthropic, AsyncAnthropic])
def test_help_shows_each_parameter_with_its_type_and_its_doc(kind: Any, method: str) -> None:
    bound = getattr(kind(api_key=KEY).messages, method)
    shown = pydoc.render_doc(bound, renderer=pydoc.plaintext)
    signature = inspect.signature(bound)
    typed = params.MessageCountTokensParams if method == "count_tokens" else params.MessageCreateParams
    assert set(typed.__annotations__) <= set(signature.parameters)
    assert ("temperature" in signature.parameters) == (method != "count_tokens")
    assert "model: The model that answers" in shown
    assert "messages: 'Iterable[MessageParam | Message]'" in shown
    assert "params" not in signature.parameters
    required = {each.name for each in signature.parameters.values() if each.default is inspect.Parameter.empty}
    assert {"model", "messages", "others"} <= required
    assert inspect.iscoroutinefunction(bound) == (kind is AsyncAnthropic and method != "stream")
