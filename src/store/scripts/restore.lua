-- The snapshot, all of it, and where the log stands: for a server that has lost what it had.
-- KEYS: live (hash: call id -> state), meta (hash: epoch, seq, ms, heardAt)
-- ARGV: epoch, heardAt, ms, seq, the number of the last event that must be there (-1: whatever it is), per call: id, state
-- BEHIND and the number of the last event there is, when it is not there: the server has lost it meanwhile.
local epoch = tonumber(redis.call('HGET', KEYS[2], 'epoch') or '0')
if tonumber(ARGV[1]) < epoch then
  return redis.error_reply('FENCED another engine writes for this PBX')
end
local last = redis.call('HGET', KEYS[2], 'seq') or '0'
if tonumber(last) < tonumber(ARGV[5]) then
  return redis.error_reply('BEHIND ' .. last)
end
redis.call('DEL', KEYS[1])
for at = 6, #ARGV, 2 do
  redis.call('HSET', KEYS[1], ARGV[at], ARGV[at + 1])
end
redis.call('HSET', KEYS[2], 'epoch', ARGV[1], 'heardAt', ARGV[2], 'schema', '1')
if tonumber(last) < tonumber(ARGV[4]) then
  redis.call('HSET', KEYS[2], 'ms', ARGV[3], 'seq', ARGV[4])
end
return 1
