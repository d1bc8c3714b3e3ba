"""Imports of ``anthropic`` and of the modules below it.

Purpose: ``Finder``, for ``sys.meta_path``; each module that it makes looks its names up when they are used.
Rule: every module is a package, so that ``from MODULE import NAME`` asks the finder for a NAME that the module lacks.
The finder then raises an ImportError that names the nearest name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from .lookup import known_names, look_up
from .names import ENDINGS, FAMILIES, MIRRORED, TYPES

PACKAGE = "anthropic"

_MODULES = """
types types.beta types.messages types.beta.messages
lib lib.streaming lib.streaming._messages lib.streaming._types lib.streaming._beta_messages lib.streaming._beta_types
lib._parse lib._parse._transform lib._parse._response lib.tools lib.bedrock lib.bedrock._client lib.vertex
lib.vertex._client lib.foundry lib.aws lib.google_cloud lib.credentials lib.credentials._cache lib.credentials._types
resources resources.messages resources.messages.messages resources.beta resources.beta.beta resources.beta.messages
resources.beta.messages.messages
_types _exceptions _client _streaming _models _legacy_response _response _base_client _constants _utils _compat
_version _qs
"""

MODULES = frozenset(_MODULES.split())
"""The modules below the package; and there is one for each type, see ``_is_of_a_type``."""


def is_ours(module: ModuleType) -> bool:
    """Whether a module was made here."""
    return isinstance(getattr(module, "__loader__", None), _Loader)


class Finder(MetaPathFinder):
    """Finds ``anthropic`` and what is below it, and nothing else."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of a module. Raises ImportError for a name below the package that neither client has."""
        package, _, below = fullname.partition(".")
        if package != PACKAGE:
            return None
        if not below or below in MODULES or _is_of_a_type(below):
            return ModuleSpec(fullname, _Loader(), origin="sseclaude", is_package=True)
        parent, _, name = fullname.rpartition(".")
        near = get_close_matches(name, [*known_names(parent), *_children(parent)], 1)
        hint = f": did you mean {near[0]!r}?" if near else ""
        raise ImportError(f"cannot import name {name!r} from {parent!r} (sseclaude.dropin){hint}", name=fullname)


def _children(parent: str) -> list[str]:
    folders = (f"{PACKAGE}.{module}".rpartition(".") for module in MODULES)
    return [name for folder, _, name in folders if folder == parent]


def _squash(name: str) -> str:
    return name.replace("_", "").lower().removeprefix("beta")


_SQUASHED = frozenset(map(_squash, TYPES))
_FAMILIES = tuple(map(_squash, FAMILIES))
_ENDINGS = tuple(map(_squash, ENDINGS))


def _is_of_a_type(below: str) -> bool:
    """Whether a module is one that holds a single type: ``types.text_block``, ``types.beta.beta_text_block_param``."""
    folder, _, name = below.rpartition(".")
    if folder not in ("types", "types.beta", "types.messages", "types.beta.messages") or not re.fullmatch(
        r"[a-z0-9_]+", name
    ):
        return False
    squashed = _squash(name.removeprefix("parsed_"))
    return squashed in _SQUASHED or squashed.startswith(_FAMILIES) or squashed.endswith(_ENDINGS)


class _Loader(Loader):
    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Leave the module empty: its names come when they are used."""


class _Module(ModuleType):
    """A module whose names are looked up when they are used."""

    __version__ = MIRRORED

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":  # what `from MODULE import *` asks for
            return known_names(self.__name__)
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        if name in _children(self.__name__):
            return import_module(f"{self.__name__}.{name}")  # the official client has imported it by then
        try:
            value = look_up(self.__name__, name)
        except LookupError:
            near = get_close_matches(name, known_names(self.__name__), 1)
            hint = f": did you mean {near[0]!r}?" if near else ""
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}{hint}") from None
        setattr(self, name, value)
        return value

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *known_names(self.__name__)})
