"""Citations: where a piece of text comes from.

Purpose: one model for each kind of source that a citation can name.
Rule: as in ``model``; a citation of an unknown type is a ``Citation`` with all its fields. This module is imported when
the first citation comes.

Source: PROTOCOL.md, "Blocks".
"""

# A citation's `type` is one word where its base has any; nobody assigns it, so the base's users are safe.
# pyright: reportIncompatibleVariableOverride=false

# Annotations are evaluated here, not strings: pydantic would compile each of them when the class is made.

from typing import Literal, TypeAlias

from .model import Int, Model, by_type


class Citation(Model):
    """Where a piece of text comes from. ``type`` says which fields there are."""

    type: str = ""
    cited_text: str = ""


class DocumentCitation(Citation):
    """A citation of a document of the request."""

    output_only = frozenset({"file_id"})

    document_index: Int = 0
    document_title: str | None = None
    file_id: str | None = None


class CharLocation(DocumentCitation):
    """Characters ``start_char_index`` up to, not including, ``end_char_index`` of a plain text document."""

    type: Literal["char_location"] = "char_location"
    start_char_index: Int = 0
    end_char_index: Int = 0


class PageLocation(DocumentCitation):
    """Pages ``start_page_number`` up to, not including, ``end_page_number`` of a PDF, counted from 1."""

    type: Literal["page_location"] = "page_location"
    start_page_number: Int = 0
    end_page_number: Int = 0


class ContentBlockLocation(DocumentCitation):
    """Blocks ``start_block_index`` up to, not including, ``end_block_index`` of a document given as blocks."""

    type: Literal["content_block_location"] = "content_block_location"
    start_block_index: Int = 0
    end_block_index: Int = 0


class WebSearchResultLocation(Citation):
    """A web page that a search found."""

    type: Literal["web_search_result_location"] = "web_search_result_location"
    url: str = ""
    title: str | None = None
    encrypted_index: str = ""


class SearchResultLocation(Citation):
    """Blocks of a search result of the request."""

    type: Literal["search_result_location"] = "search_result_location"
    source: str = ""
    title: str | None = None
    search_result_index: Int = 0
    start_block_index: Int = 0
    end_block_index: Int = 0


KnownCitation: TypeAlias = (
    CharLocation | PageLocation | ContentBlockLocation | WebSearchResultLocation | SearchResultLocation
)

CITATIONS: dict[str, type[Citation]] = by_type(KnownCitation)
"""The known citations by their type (PROTOCOL.md, "Blocks")."""
