"""The three scripts that Redis runs for the relay: create, append, end.

Purpose: the only writes to an answer's keys. Each script runs atomically.
Must not know: Python. The keys of all three are the answer's state (a hash) and its events (a stream).
Rule: every key has an expiry, at every moment. Times are Redis's own, in milliseconds.

The state: ``owner``, ``digest`` (of the parameters), ``token`` (of its producer), ``channel`` (of the producer's
process), ``lease`` (when the producer counts as lost), ``last``, ``status``, and at the end ``error`` and ``refusal``.
An entry of the stream is a batch: fields are the events' types, values their data, and the entry's id is the number of
its last event.
"""

from __future__ import annotations

from hashlib import sha1
from typing import NamedTuple


class Script(NamedTuple):
    """A script, and the name by which Redis remembers it."""

    text: str
    digest: str


def _script(text: str) -> Script:
    return Script(text, sha1(text.encode(), usedforsecurity=False).hexdigest())


CREATE = _script("""\
-- Begins an answer unless its id is taken. A retry finds its own token: that is "made" too.
-- ARGV: token, owner, digest, channel of the process, lease ms, expiry ms
-- Returns: made | taken
local token = redis.call('HGET', KEYS[1], 'token')
if token then
  return token == ARGV[1] and 'made' or 'taken'
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('DEL', KEYS[2])
redis.call('HSET', KEYS[1], 'token', ARGV[1], 'owner', ARGV[2], 'digest', ARGV[3], 'channel', ARGV[4],
  'lease', string.format('%d', now + ARGV[5]), 'status', 'running', 'last', 0)
redis.call('PEXPIRE', KEYS[1], ARGV[6])
return 'made'
""")

APPEND = _script("""\
-- Adds a batch, or none, and extends lease and expiry. Refuses a producer whose answer it no longer is.
-- A batch that is there already counts as made; one that does not begin where the log ends is not added.
-- ARGV: token, first and last number of the batch, channel of the followers, lease ms, expiry ms,
--       status, error, refusal (status '' unless the batch has the answer's last event), type, data, type, data ...
-- Returns: gone, 0 | ended, last, status | at, last (where the log ends: go on from there) | made, last
local state = redis.call('HMGET', KEYS[1], 'token', 'status', 'last')
if not state[1] then
  return {'gone', 0}
end
local last, first, upto = tonumber(state[3]), tonumber(ARGV[2]), tonumber(ARGV[3])
if state[1] ~= ARGV[1] or state[2] ~= 'running' then
  return {'ended', last, state[2]}
end
if first > last + 1 or (first <= last and upto > last) then
  return {'at', last}
end
local added = upto > last
if added then
  redis.call('XADD', KEYS[2], ARGV[3], unpack(ARGV, 10))
  last = upto
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[1], 'last', last, 'lease', string.format('%d', now + ARGV[5]))
if added and ARGV[7] ~= '' then
  redis.call('HSET', KEYS[1], 'status', ARGV[7], 'error', ARGV[8], 'refusal', ARGV[9])
end
redis.call('PEXPIRE', KEYS[1], ARGV[6])
redis.call('PEXPIRE', KEYS[2], ARGV[6])
if added then
  redis.call('PUBLISH', ARGV[4], last)
end
return {'made', last}
""")

END = _script("""\
-- Ends an answer for someone who is not its producer, with one last event, however many try, and notifies the producer.
-- With 'over' as the last argument only if its lease is over.
-- ARGV: status, type, data, error, channel of the followers, expiry ms, 'over' or '', the answer's id
-- Returns: gone | ended (it had) | alive (its lease is not over) | made
local state = redis.call('HMGET', KEYS[1], 'status', 'last', 'lease', 'channel')
if not state[1] then
  return 'gone'
end
if state[1] ~= 'running' then
  return 'ended'
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if ARGV[7] == 'over' and tonumber(state[3]) > now then
  return 'alive'
end
local last = state[2] + 1
redis.call('XADD', KEYS[2], last, ARGV[2], ARGV[3])
redis.call('HSET', KEYS[1], 'last', last, 'status', ARGV[1], 'error', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[6])
redis.call('PEXPIRE', KEYS[2], ARGV[6])
redis.call('PUBLISH', ARGV[5], last)
redis.call('PUBLISH', state[4], ARGV[8])
return 'made'
""")

SCRIPTS = (CREATE, APPEND, END)
