-- What is to be followed up, as it now is, and in the list of its state.
-- KEYS: the beginning of the history's own keys
-- ARGV: before when items that are done are dropped, per item: id, kind, revision, state, when the last attempt was, item
local own = KEYS[1]
for at = 2, #ARGV, 6 do
  local id, kind, revision, state = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2]), ARGV[at + 3]
  local items = own .. 'f:' .. kind
  local was = redis.call('HGET', items, id)
  if not was or tonumber(string.match(was, '^%d+')) <= revision then
    redis.call('HSET', items, id, ARGV[at + 2] .. ' ' .. ARGV[at + 5])
    redis.call('ZREM', items .. ':open', id)
    redis.call('ZREM', items .. ':done', id)
    redis.call('ZADD', items .. ':' .. state, ARGV[at + 4], id)
  end
  for _, old in ipairs(redis.call('ZRANGEBYSCORE', items .. ':done', '-inf', '(' .. ARGV[1], 'LIMIT', 0, 10)) do
    redis.call('HDEL', items, old)
    redis.call('ZREM', items .. ':done', old)
  end
end
return 1
