-- The record of one call.
-- KEYS: the beginning of the history's own keys
-- ARGV: shard, id
local _, record = recordOf(KEYS[1], ARGV[1], ARGV[2])
return record or false
