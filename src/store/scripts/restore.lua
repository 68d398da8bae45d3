-- The snapshot, all of it, and where the log stands: for a server that has lost what it had.
-- KEYS: live (hash: call id -> state), meta (hash: epoch, seq, ms, heardAt)
-- ARGV: epoch, heardAt, ms, seq, per call: id, state
local epoch = tonumber(redis.call('HGET', KEYS[2], 'epoch') or '0')
if tonumber(ARGV[1]) < epoch then
  return redis.error_reply('FENCED another engine writes for this PBX')
end
redis.call('DEL', KEYS[1])
for at = 5, #ARGV, 2 do
  redis.call('HSET', KEYS[1], ARGV[at], ARGV[at + 1])
end
redis.call('HSET', KEYS[2], 'epoch', ARGV[1], 'heardAt', ARGV[2], 'schema', '1')
if tonumber(redis.call('HGET', KEYS[2], 'seq') or '0') < tonumber(ARGV[4]) then
  redis.call('HSET', KEYS[2], 'ms', ARGV[3], 'seq', ARGV[4])
end
return 1
