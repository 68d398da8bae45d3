-- Goes before the scripts of the history: where calls are found, term by term, in the order of their start.
-- The entries of a term (score: start, member: the record's number) are in one sorted set, `i:term`, as long as they are few;
-- then in pages, `i:term/base` with scores counted from `base`, listed in `d:term` (score: where the page begins, the first at
-- -inf; member: base). A page stays so small that Redis keeps it packed: some ten bytes an entry.
local MOST, KEPT, RECORDS_A_PAGE = 127, 112, 128

local function text(number)
  return string.format('%.0f', number)
end

local function number(found)
  if found == '-inf' then return -math.huge end
  if found == '+inf' or found == 'inf' then return math.huge end
  return tonumber(found)
end

-- The page in which this start is, or would be: its key, its base, and where it begins.
local function pageAt(own, term, start)
  local found = redis.call('ZREVRANGEBYSCORE', own .. 'd:' .. term, text(start), '-inf', 'WITHSCORES', 'LIMIT', 0, 1)
  if found[1] then
    return own .. 'i:' .. term .. '/' .. found[1], tonumber(found[1]), number(found[2])
  end
  return own .. 'i:' .. term, 0, -math.huge
end

-- The revision of a record: the number after its version.
local function revisionOf(record)
  local revision, scale = 0, 1
  for at = 2, #record do
    local byte = string.byte(record, at)
    revision = revision + byte % 128 * scale
    if byte < 128 then return revision end
    scale = scale * 128
  end
  return 0
end

local function recordsKey(own, serial)
  return own .. 'r:' .. text(math.floor(serial / RECORDS_A_PAGE)), serial % RECORDS_A_PAGE
end

-- A call's number in the store, its record and that record's revision; what is missing is nil.
local function recordOf(own, shard, id)
  local serial = tonumber(redis.call('HGET', own .. 'k:' .. shard, id) or nil)
  if not serial then return nil end
  local key, index = recordsKey(own, serial)
  local record = redis.call('LINDEX', key, index)
  if not record or record == '' then return nil end
  return serial, record, revisionOf(record)
end

local function takeOut(own, term, start, serial)
  local key, base = pageAt(own, term, start)
  redis.call('ZREM', key, serial)
  local pages = own .. 'd:' .. term
  if redis.call('EXISTS', key) == 1 or redis.call('ZREM', pages, text(base)) == 0 then return end
  local first = redis.call('ZRANGE', pages, 0, 0)[1]
  if first then redis.call('ZADD', pages, '-inf', first) end
end
