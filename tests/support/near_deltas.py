"""Deltas that are nearly alike, for tests of whatever recognises an event by a part of its bytes.

Rule: what such a reader compares or skips is what is odd here: blanks, line ends, keys that come again, numbers, lines
beside the data. Most events are sound, and the same oddity is in several of them, so that it can be learned.
"""

from __future__ import annotations

from hypothesis import strategies as st

from sseclaude.sse import BOM

KINDS = {
    "text": (b"text_delta", b"text"),
    "thinking": (b"thinking_delta", b"thinking"),
    "tool_use": (b"input_json_delta", b"partial_json"),
}
"""Blocks; the type of the delta that each takes, and the delta's field."""

DATA = b'{"type":"content_block_delta","index":0,"delta":{"type":"%s",%s"%s":%s%s}%s}'
AGAIN = [b'"%s":""', b'"%s":"z"', b'"%s":\t""', b'"%s" \t:""', b'"%s":NaN', b'"%s":null', b'"type":"text_delta"']
"""Fields that come again in the delta; the last of equal ones counts."""

AROUND = [
    b" ", b"   ", b"\t", b"\n", b"\r", b"\r\n", b"\n\n", b"\ndata: ", b"\xe2\x80\xa8", BOM, b"\0", b"1", b"}", b",",
]  # fmt: skip
"""What may stand beside a string, and before the end; much of it is no JSON."""

BEHIND = [b',"index":0', b',"index":1', b',"index":1e999', b',"x":1e999', b',"delta":{}', *AROUND]
STRINGS = [
    b'""', b'"}"', b'"\\u0061"', b'"\\ud83d"', b'"\\ude00"', b'"\\ud83d\\ude00"', b'"\xe2\x80\xa8"', b'"\xff"', b'"\0"',
    b'"\n"', b'"\r"', b'"\\"', b'"a" "b"', b'"a","text":"b"', b"null", b"1", b'"a', b'"a"}}\n\ndata: {}',
]  # fmt: skip
LINES = [b": c", b"id: 7", b"id", b"retry: 5", b"other", b"data", b"data: ", b"event: ping", BOM + b": c", b"", b"\n"]
EVENT_LINES = [b"event:content_block_delta", b"event: content_block_delta ", b"event: ping", b"event", b""]


def _rarely(odd: list[bytes], usual: bytes = b"", *, one_of: int = 8) -> st.SearchStrategy[bytes]:
    """Choose what is usual, and once of so many times something odd."""
    return st.integers(1, one_of).flatmap(lambda drawn: st.sampled_from(odd) if drawn == one_of else st.just(usual))


@st.composite
def near_deltas(draw: st.DrawFn, block: str) -> list[bytes]:
    """A few events for the block 0, of this kind, in pieces as they may arrive."""
    kind, field = KINDS[block]
    spelled = [field, b"\\u%04x" % field[0] + field[1:]]
    again = [each.replace(b"%s", name) for each in AGAIN for name in spelled]
    first = draw(_rarely([each + b"," for each in again], one_of=4))
    last = draw(_rarely([b"," + each for each in again], one_of=4))
    end = draw(_rarely([b"\r\n", b"\r"], b"\n"))
    lines = [line + end for line in LINES]
    before, behind = draw(_rarely(lines)), draw(_rarely(lines))
    event = draw(_rarely(EVENT_LINES, b"event: content_block_delta"))
    events = []
    for number in range(draw(st.integers(3, 6))):
        string = draw(_rarely(STRINGS, b'"%d"' % number))
        string = draw(_rarely(AROUND, one_of=12)) + string + draw(_rarely(AROUND, one_of=12))
        data = DATA % (kind, first, field, string, last, draw(_rarely(BEHIND)))
        events.append(before + event + end + b"data: " + data + end + behind + end)
        events.append(draw(_rarely(lines, one_of=12)))
    return [each for each in events if each]
