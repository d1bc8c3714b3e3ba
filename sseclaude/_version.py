"""The version of this package, read by the client's ``user-agent``, by ``__init__`` and by vendoring."""

__version__ = "0.1.0"
