-- Puts entries into a list. Answers how many are new, then the places (from 0) of those that would be one shape of pattern too many.
-- KEYS: entries, ids, expiring, shapes
-- ARGV: the most shapes, then four for each: id, entry, when it expires (0: never), its shape ('': none)
local most, added, answer = tonumber(ARGV[1]), 0, { 0 }
for i = 2, #ARGV, 4 do
  local id, entry, expires, shape = ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 2]), ARGV[i + 3]
  local new = redis.call('hexists', KEYS[1], id) == 0
  if new and shape ~= '' and redis.call('hexists', KEYS[4], shape) == 0 and redis.call('hlen', KEYS[4]) >= most then
    answer[#answer + 1] = (i - 2) / 4
  else
    if new then
      added = added + 1
      redis.call('zadd', KEYS[2], 0, id)
      if shape ~= '' then redis.call('hincrby', KEYS[4], shape, 1) end
    end
    redis.call('hset', KEYS[1], id, entry)
    if expires > 0 then redis.call('zadd', KEYS[3], expires, id) else redis.call('zrem', KEYS[3], id) end
  end
end
answer[1] = added
return answer
