-- Takes entries out of a list. Answers how many there were.
-- KEYS: entries, ids, expiring, shapes, hits, hitAt
-- ARGV: two for each: id, its shape ('': none)
local removed = 0
for i = 1, #ARGV, 2 do
  local id, shape = ARGV[i], ARGV[i + 1]
  if redis.call('hdel', KEYS[1], id) == 1 then
    removed = removed + 1
    if shape ~= '' and redis.call('hincrby', KEYS[4], shape, -1) <= 0 then redis.call('hdel', KEYS[4], shape) end
  end
  redis.call('zrem', KEYS[2], id)
  redis.call('zrem', KEYS[3], id)
  redis.call('hdel', KEYS[5], id)
  redis.call('hdel', KEYS[6], id)
end
return removed
