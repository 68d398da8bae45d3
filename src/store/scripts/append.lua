-- Events and the snapshot they lead to, written together or not at all.
-- KEYS: log (stream), live (hash: call id -> state), meta (hash: epoch, seq, ms, heardAt)
-- ARGV: epoch, heardAt, keepFromMs, the number of the event before these (-1: whatever it is), number of events, number of calls,
--       per event: ms, seq, type, call, extensions, json; per call: id, state ('' takes it out)
-- Answers the number of events that were new. A batch that was written already changes nothing, so it may be sent again,
-- and one that arrives late, after newer ones, does not bring back older calls.
-- BEHIND and the number of the last event there is, when events before these are missing: the server has lost what it had.
local epoch = tonumber(redis.call('HGET', KEYS[3], 'epoch') or '0')
if tonumber(ARGV[1]) < epoch then
  return redis.error_reply('FENCED another engine writes for this PBX')
end
local last = redis.call('HGET', KEYS[3], 'seq') or '0'
local seq, after = tonumber(last), tonumber(ARGV[4])
if seq < after then
  return redis.error_reply('BEHIND ' .. last)
end
local events, calls = tonumber(ARGV[5]), tonumber(ARGV[6])
local at, written = 7, 0
for _ = 1, events do
  if tonumber(ARGV[at + 1]) > seq then
    local id = ARGV[at] .. '-' .. ARGV[at + 1]
    local added = redis.pcall('XADD', KEYS[1], id,
      'type', ARGV[at + 2], 'call', ARGV[at + 3], 'ext', ARGV[at + 4], 'json', ARGV[at + 5])
    -- Where only the number was lost, and not the log, the event is there.
    if type(added) == 'table' then
      local there = redis.call('XRANGE', KEYS[1], id, id)[1]
      if not (there and there[2][8] == ARGV[at + 5]) then return added end
    end
    redis.call('HSET', KEYS[3], 'ms', ARGV[at], 'seq', ARGV[at + 1])
    written = written + 1
  end
  at = at + 6
end
if written > 0 or seq == after or after == -1 then
  for _ = 1, calls do
    if ARGV[at + 1] == '' then
      redis.call('HDEL', KEYS[2], ARGV[at])
    else
      redis.call('HSET', KEYS[2], ARGV[at], ARGV[at + 1])
    end
    at = at + 2
  end
end
redis.call('HSET', KEYS[3], 'heardAt', ARGV[2], 'epoch', ARGV[1])
if written > 0 then
  redis.call('XTRIM', KEYS[1], 'MINID', '~', ARGV[3])
end
return written
