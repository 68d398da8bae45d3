-- Records of calls, where they are found, and the place in the log up to which that is all. The place is written last: what
-- fails in the middle is sent again, and writing it twice changes nothing.
-- KEYS: place (text), records (hash: call id -> record), one index each (sorted set: call id by its start)
-- ARGV: place, number of records, per record: id, record; per index: start, id
local at = 3
for _ = 1, tonumber(ARGV[2]) do
  redis.call('HSET', KEYS[2], ARGV[at], ARGV[at + 1])
  at = at + 2
end
for i = 3, #KEYS do
  redis.call('ZADD', KEYS[i], ARGV[at], ARGV[at + 1])
  at = at + 2
end
redis.call('SET', KEYS[1], ARGV[1])
return 1
