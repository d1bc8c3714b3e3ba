"""From the name of a type to the type, and modules such as ``types.text_block``.

Purpose: ``find`` imports a type by its name; ``install`` lets programs import a type from a module of its own, as the
official client has one for each: ``from sseclaude.types.message_param import MessageParam``.
Rule: a name that is not in the table is an AttributeError (ImportError in an import) that names the nearest one.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from types import ModuleType
from typing import Any

Names = Mapping[str, tuple[str, str]]

PACKAGE = __name__.rsplit(".", 2)[0]

_word = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=\d{8})")


def find(module: str, names: Names, name: str) -> Any:
    """Return the type ``name``, or the module of a type, for a module's ``__getattr__``."""
    if name in names:
        path, ours = names[name]
        return getattr(import_module(f"{PACKAGE}.{path}" if path else PACKAGE), ours)
    if (own := sys.modules.get(f"{module}.{name}")) is not None:
        return own
    if name[:1].isupper() and sys._getframe(2).f_code.co_name == "_handle_fromlist":
        # `from PACKAGE import Name`: an AttributeError would be replaced by an error without the nearest name.
        raise ImportError(f"cannot import name {name!r} from {module!r}{_nearest(names, name)}", name=module)
    raise AttributeError(f"module {module!r} has no attribute {name!r}{_nearest(names, name)}")


def _nearest(names: Names, name: str) -> str:
    near = [] if name.startswith("_") else get_close_matches(name, names, 1)
    return f"; did you mean {near[0]!r}?" if near else ""


def module_name(name: str) -> str:
    """Return the module of a type: ``URLImageSourceParam`` is in ``url_image_source_param``."""
    return _word.sub("_", name).lower()


class _TypeModule(ModuleType):
    """A module that has one type, and the others too."""

    def __init__(self, name: str, names: Names) -> None:
        super().__init__(name, "The type of this module's name; see the package.")
        self.__names = names

    def __getattr__(self, name: str) -> Any:
        return find(self.__name__, self.__names, name)


def install(package: str, names: Names) -> None:
    """Let the modules of single types be imported from a package: they are made here, and empty until they are used."""
    own = {module_name(name) for name in names} | {"message_create_params", "message_count_tokens_params"}
    for name in own:
        sys.modules.setdefault(f"{package}.{name}", _TypeModule(f"{package}.{name}", names))
