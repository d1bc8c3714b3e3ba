"""What each failure of making and using an HTTP client means: the exception to raise, and whether to retry.

Purpose: ``setup_error``, ``sending_error`` and ``body_error``; one for each phase of a call.
Rule: a failure is recognised by the names of its classes, so that those of httpx, httpx2 and httpcore are treated
alike. If another attempt may succeed, it is an APIConnectionError; if a setting must be changed, it is an
AnthropicError that names the setting. No text shows user info, a query or a header, for they may hold the key.

Source: PROTOCOL.md, "Errors".
"""

from __future__ import annotations

import os
import ssl
import zlib
from urllib.parse import urlsplit
from urllib.request import getproxies

from ..errors import AnthropicError, APIConnectionError, APIError, APITimeoutError, IncompleteStreamError, ProtocolError
from .timeouts import Deadline

LIBRARIES = frozenset({"httpx", "httpx2", "httpcore", "httpcore2"})
"""The packages whose exceptions are known by name."""

TIMED_OUT = frozenset({"TimeoutException"})
CONNECTING = frozenset({"ConnectTimeout", "PoolTimeout"})
UNSENDABLE = frozenset({"InvalidURL", "UnsupportedProtocol"})
NETWORK = frozenset({"HTTPError", "StreamError", "NetworkError", "ProtocolError", "ProxyError"})


def _is(failure: BaseException, names: frozenset[str]) -> bool:
    """Say whether one of these libraries' classes, by name, is the failure's or one above it."""
    classes = type(failure).__mro__
    return any(each.__name__ in names and each.__module__.partition(".")[0] in LIBRARIES for each in classes)


def _named(failure: BaseException) -> str:
    return f"{type(failure).__name__}: {failure}".removesuffix(": ")


# --- making the HTTP client ------------------------------------------------------------------------------------------


def setup_error(failure: Exception) -> AnthropicError:
    """Return our exception of a failure to make the HTTP client; it names the environment variable at fault."""
    error = AnthropicError(f"the HTTP client cannot be made: {_setting_at_fault(failure)}{_named(failure)}")
    error.__cause__ = failure
    return error


def _setting_at_fault(failure: Exception) -> str:
    if isinstance(failure, OSError):  # ssl.SSLError is one: only certificates and the log of keys are files
        return _file(failure) or _certificates()
    proxies = {name: value for name, value in getproxies().items() if name in ("http", "https", "all")}
    for name, value in proxies.items():
        if _is_faulty_proxy(value, failure):
            return f"{_variable(f'{name}_proxy')}={_without_user_info(value)}: "
    return f"{_variable('no_proxy')}={getproxies().get('no', '')}: " if "no" in getproxies() else ""


def _file(failure: OSError) -> str:
    named = (name for name in FILES if failure.filename and os.environ.get(name) == failure.filename)
    return next((f"{name}={failure.filename}: " for name in named), "")


FILES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")
"""Environment variables that name files which are opened when the HTTP client is made."""


def _certificates() -> str:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        if value := os.environ.get(name):
            return f"{name}={value}: "
    return ""


def _is_faulty_proxy(value: str, failure: Exception) -> bool:
    if isinstance(failure, ImportError):  # the package for SOCKS
        return value.startswith("socks")
    try:
        parts = urlsplit(value if "://" in value else f"http://{value}")
        return parts.scheme not in ("http", "https", "socks5", "socks5h") or not parts.hostname or parts.port == -1
    except ValueError:  # the port is no number, or a bracket is not closed
        return True


def _variable(name: str) -> str:
    return name.upper() if name.upper() in os.environ and name not in os.environ else name


def _without_user_info(url: str) -> str:
    scheme, colon, rest = url.rpartition("://")
    return scheme + colon + rest.rpartition("@")[2]


# --- sending ---------------------------------------------------------------------------------------------------------


def sending_error(failure: Exception, deadline: Deadline) -> AnthropicError:
    """Return our exception of a failure before the response's headers, with the failure as its cause."""
    if isinstance(failure, AnthropicError):
        return failure
    error: AnthropicError
    if _is(failure, UNSENDABLE) or isinstance(failure, UnicodeError):
        error = AnthropicError(f"the request cannot be sent: {failure}")
    elif _is(failure, TIMED_OUT) or isinstance(failure, TimeoutError):
        connecting = _is(failure, CONNECTING) and not deadline.expired
        waited = f"connect={deadline.timeout.connect} s ran out" if connecting else deadline.describe()
        error = APITimeoutError(f"no answer: {waited}")
    elif _is(failure, frozenset({"LocalProtocolError"})):
        return APIConnectionError("no answer: LocalProtocolError")  # it quotes headers, and the key is in one
    elif _refused_certificate(failure):
        error = APIConnectionError(f"no answer: {_certificates()}{_named(failure)}")
    elif _is(failure, NETWORK) or isinstance(failure, OSError):
        error = APIConnectionError(f"no answer: {_named(failure)}")
    else:
        error = APIConnectionError(f"the HTTP client failed: {_named(failure)}")
    error.__cause__ = failure
    return error


def may_be_cured(failure: Exception) -> bool:
    """Return whether another attempt to send may succeed: after a failure of the network it may, after others not."""
    if isinstance(failure, APIError):
        return True  # the status decides, or the policy of retries
    if _refused_certificate(failure) or _is(failure, UNSENDABLE | {"LocalProtocolError"}):
        return False
    return _is(failure, NETWORK | TIMED_OUT) or isinstance(failure, OSError)


def _refused_certificate(failure: BaseException | None) -> bool:
    while failure is not None:
        if isinstance(failure, ssl.SSLCertVerificationError):
            return True
        failure = failure.__cause__ or failure.__context__
    return False


# --- reading the body ------------------------------------------------------------------------------------------------


def body_error(failure: Exception, deadline: Deadline) -> APIError | None:
    """Return our exception of a failure within the response's body; None if it is none of the HTTP client's."""
    if _is(failure, TIMED_OUT):
        return APITimeoutError(f"the stream stalled: {deadline.describe()}")
    if _is(failure, frozenset({"DecodingError"})) or isinstance(failure, zlib.error):
        return ProtocolError(f"the body cannot be decompressed: {failure}", rule="not_an_event_stream")
    if _is(failure, NETWORK) or isinstance(failure, (OSError, RuntimeError)):
        return IncompleteStreamError(f"the connection was cut: {_named(failure)}")
    return None
