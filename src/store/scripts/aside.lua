-- What has a name of the history's and is of another kind than its letter says gets another name, beside it.
-- KEYS: how the history's keys begin; ARGV: a number for the new names. Answers the old names.
local own, kinds, moved = KEYS[1], { r = 'list', k = 'hash', i = 'zset', d = 'zset', m = 'hash', a = 'zset', u = 'zset' }, {}
for _, key in ipairs(redis.call('KEYS', own .. '*')) do
  local kind = kinds[string.sub(key, #own + 1, #own + 1)]
  if kind and not string.find(key, ':foreign:', 1, true) and redis.call('TYPE', key).ok ~= kind then
    redis.call('RENAME', key, key .. ':foreign:' .. ARGV[1])
    moved[#moved + 1] = key
  end
end
return moved
