"""The page: one HTML file that sends a request and follows its answer, to try the relay.

Purpose: serve ``page.html`` with a policy that lets it load nothing, and connect only to its own server.
Must not know: answers; the page uses the relay as any other client does.
Rule: the policy names the page's script and style by their digests, so that no other script or style runs in it.

Source: CSP Level 3, 2.3.1 (hash-source).
"""

from __future__ import annotations

import re
from base64 import b64encode
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from starlette.responses import HTMLResponse

from .http_errors import HEADERS, new_request_id

FILE = Path(__file__).with_suffix(".html")


@lru_cache(maxsize=1)
def _page() -> tuple[str, str]:
    """Return the page and its policy."""
    text = FILE.read_text(encoding="utf-8")
    script, style = _digest("script", text), _digest("style", text)
    policy = (
        f"default-src 'none'; script-src {script}; style-src {style}; connect-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return text, policy


def _digest(tag: str, text: str) -> str:
    """Return the digest of the page's one element of a kind, as a policy spells it."""
    (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
    return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"


def page_response() -> HTMLResponse:
    """Return the page."""
    text, policy = _page()
    headers = {**HEADERS, "request-id": new_request_id(), "content-security-policy": policy}
    return HTMLResponse(text, headers=headers)
