-- Takes calls out of the history: what is archived need not be kept. One that was revised since then stays.
-- KEYS: the beginning of the history's own keys
-- ARGV: per call: id, shard, revision ('' for any), start, terms (one a line)
-- Answers how many there were.
local own, count = KEYS[1], 0
for at = 1, #ARGV, 5 do
  local id, shard, wanted, start = ARGV[at], ARGV[at + 1], ARGV[at + 2], tonumber(ARGV[at + 3])
  local serial, _, revision = recordOf(own, shard, id)
  if serial and (wanted == '' or tonumber(wanted) == revision) then
    for term in string.gmatch(ARGV[at + 4], '[^\n]+') do takeOut(own, term, start, text(serial)) end
    redis.call('HDEL', own .. 'k:' .. shard, id)
    local key, index = recordsKey(own, serial)
    redis.call('LSET', key, index, '')
    -- A list whose records have all gone, goes.
    local page = text(math.floor(serial / RECORDS_A_PAGE))
    if redis.call('HINCRBY', own .. 'gone', page, 1) >= RECORDS_A_PAGE then
      redis.call('DEL', key)
      redis.call('HDEL', own .. 'gone', page)
    end
    count = count + 1
  end
end
return count
