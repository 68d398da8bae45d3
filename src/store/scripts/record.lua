-- Records of calls, where they are found, and the place in the log up to which that is all. The place is written last: what
-- fails in the middle is sent again, and writing it twice changes nothing.
-- KEYS: place (text), the beginning of the history's own keys
-- ARGV: place ('' leaves it), number of records, per record: id, shard, record, start, terms (one a line), and, to replace an
--       older revision: that revision ('' for none), its start, its terms
-- Answers the ids of calls that have an older revision than the one said, which are not written, nor is the place then.
local own = KEYS[2]

-- Cuts a page that is full in two, never between calls of the same start.
local function split(term, key, base)
  local rows = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
  local cut
  for at = KEPT, #rows / 2 - 1 do
    cut = cut or (rows[at * 2 + 2] ~= rows[at * 2] and at)
  end
  for at = KEPT - 1, 1, -1 do
    cut = cut or (rows[at * 2 + 2] ~= rows[at * 2] and at)
  end
  if not cut then return end
  local pages = own .. 'd:' .. term
  local function move(from, to, begins)
    local page = base + tonumber(rows[from * 2])
    for at = from, to do
      local score = base + tonumber(rows[at * 2]) - page
      redis.call('ZADD', own .. 'i:' .. term .. '/' .. text(page), text(score), rows[at * 2 - 1])
    end
    redis.call('ZADD', pages, begins or text(page), text(page))
  end
  if redis.call('EXISTS', pages) == 0 then
    move(1, cut, '-inf')
    redis.call('DEL', key)
  else
    redis.call('ZREMRANGEBYRANK', key, cut, -1)
  end
  move(cut + 1, #rows / 2)
end

-- The last page of each term that was asked for; records that come together mostly belong there, so it is looked up once.
local newest = {}

local function newestPage(term)
  local found = redis.call('ZRANGE', own .. 'd:' .. term, -1, -1, 'WITHSCORES')
  local page = { key = own .. 'i:' .. term, base = 0, from = -math.huge }
  if found[1] then
    page = { key = page.key .. '/' .. found[1], base = tonumber(found[1]), from = number(found[2]) }
  end
  page.count = redis.call('ZCARD', page.key)
  newest[term] = page
  return page
end

local function pageFor(term, start)
  local page = newest[term] or newestPage(term)
  if start >= page.from then return page end
  local key, base = pageAt(own, term, start)
  return { key = key, base = base, count = redis.call('ZCARD', key) }
end

local function putIn(term, start, serial)
  local page = pageFor(term, start)
  if redis.call('ZADD', page.key, text(start - page.base), serial) == 0 then return end
  page.count = page.count + 1
  -- Calls of one start cannot be cut: then it is not tried again with each, but when the page has doubled.
  if page.count > MOST and page.count % (MOST + 1) == 0 then
    split(term, page.key, page.base)
    newest[term] = nil
  end
end

-- The page of records that is being filled.
local filling

-- The number under which a new record is stored.
local function store(shard, id, record)
  filling = filling or redis.call('HGET', own .. 'm', 'page') or '0'
  local page = filling
  local count = redis.call('RPUSH', own .. 'r:' .. page, record)
  if count >= RECORDS_A_PAGE then
    redis.call('HINCRBY', own .. 'm', 'page', 1)
    filling = nil
  end
  local serial = text(tonumber(page) * RECORDS_A_PAGE + count - 1)
  redis.call('HSET', own .. 'k:' .. shard, id, serial)
  return serial
end

local old = {}
local at = 3
for _ = 1, tonumber(ARGV[2]) do
  local id, shard, record, start, terms = ARGV[at], ARGV[at + 1], ARGV[at + 2], tonumber(ARGV[at + 3]), ARGV[at + 4]
  local instead, oldStart, oldTerms = tonumber(ARGV[at + 5]), tonumber(ARGV[at + 6]), ARGV[at + 7]
  at = at + 8
  local serial, _, revision = recordOf(own, shard, id)
  local new = revisionOf(record)
  if serial and revision < new and revision ~= instead then
    old[#old + 1] = id
  elseif not serial or revision <= new then
    if serial then
      local key, index = recordsKey(own, serial)
      redis.call('LSET', key, index, record)
      serial = text(serial)
    else
      serial = store(shard, id, record)
    end
    if instead and revision == instead and instead < new then
      for term in string.gmatch(oldTerms, '[^\n]+') do
        takeOut(own, term, oldStart, serial)
        newest[term] = nil
      end
    end
    for term in string.gmatch(terms, '[^\n]+') do putIn(term, start, serial) end
  end
end
if #old == 0 and ARGV[1] ~= '' then
  redis.call('SET', KEYS[1], ARGV[1])
end
return old
