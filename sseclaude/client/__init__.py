"""The client: requests over httpx, and streams to read, blocking and async.

Import from ``sseclaude``, or from the modules here. Read ``client`` first, then ``stream`` and ``transport``.
"""
