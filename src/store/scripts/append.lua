-- Events and the snapshot they lead to, written together or not at all.
-- KEYS: log (stream), live (hash: call id -> state), meta (hash: epoch, seq, ms, heardAt)
-- ARGV: epoch, heardAt, keepFromMs, number of events, number of calls,
--       per event: ms, seq, type, call, extensions, json; per call: id, state ('' takes it out)
-- Answers the number of events that were new. A batch that was written already changes nothing, so it may be sent again.
local epoch = tonumber(redis.call('HGET', KEYS[3], 'epoch') or '0')
if tonumber(ARGV[1]) < epoch then
  return redis.error_reply('FENCED another engine writes for this PBX')
end
local seq = tonumber(redis.call('HGET', KEYS[3], 'seq') or '0')
local events, calls = tonumber(ARGV[4]), tonumber(ARGV[5])
local at, written = 6, 0
for _ = 1, events do
  if tonumber(ARGV[at + 1]) > seq then
    redis.call('XADD', KEYS[1], ARGV[at] .. '-' .. ARGV[at + 1],
      'type', ARGV[at + 2], 'call', ARGV[at + 3], 'ext', ARGV[at + 4], 'json', ARGV[at + 5])
    redis.call('HSET', KEYS[3], 'ms', ARGV[at], 'seq', ARGV[at + 1])
    written = written + 1
  end
  at = at + 6
end
for _ = 1, calls do
  if ARGV[at + 1] == '' then
    redis.call('HDEL', KEYS[2], ARGV[at])
  else
    redis.call('HSET', KEYS[2], ARGV[at], ARGV[at + 1])
  end
  at = at + 2
end
redis.call('HSET', KEYS[3], 'heardAt', ARGV[2])
if written > 0 then
  redis.call('XTRIM', KEYS[1], 'MINID', '~', ARGV[3])
end
return written
