-- A page of calls that have all the terms, in the order of their start, from a place on. Goes through the term that has the
-- fewest calls in that time and looks each of them up under the others.
-- KEYS: the beginning of the history's own keys
-- ARGV: 'desc' or 'asc', the earliest and the latest start ('-inf', '+inf'), the place to go on after: start and number ('' for
--       none), how many calls, how many to look at, terms
-- Answers 'end', 'more' or 'looks' (it has looked at so many and is not through), the place it came to, and start, number and
-- record of each call.
local own, desc = KEYS[1], ARGV[1] == 'desc'
local min, max = number(ARGV[2]), number(ARGV[3])
local afterStart, afterSerial = tonumber(ARGV[4]), ARGV[5]
local limit, looks = tonumber(ARGV[6]), tonumber(ARGV[7])
if afterStart and desc then max = math.min(max, afterStart) end
if afterStart and not desc then min = math.max(min, afterStart) end

local terms, rarest, fewest = {}, nil, math.huge
for at = 8, #ARGV do
  local term = ARGV[at]
  local pages = redis.call('ZCOUNT', own .. 'd:' .. term, text(min), text(max))
  local paged = pages > 0 or redis.call('EXISTS', own .. 'd:' .. term) == 1
  local calls = paged and (pages + 1) * MOST or redis.call('ZCARD', own .. 'i:' .. term)
  if calls < fewest then rarest, fewest = term, calls end
  terms[#terms + 1] = { name = term, paged = paged }
end
local others = {}
for _, term in ipairs(terms) do
  if term.name ~= rarest then others[#others + 1] = term end
end

local function hasAll(start, serial)
  for _, term in ipairs(others) do
    local key, base = own .. 'i:' .. term.name, 0
    if term.paged then key, base = pageAt(own, term.name, start) end
    local score = redis.call('ZSCORE', key, serial)
    if not score or base + tonumber(score) ~= start then return false end
  end
  return true
end

local rows, seen, state, place = {}, 0, 'end', {}

-- Whether to go on with the next page.
local function look(key, base)
  local from, to = text(min - base), text(max - base)
  local found = desc and redis.call('ZREVRANGEBYSCORE', key, to, from, 'WITHSCORES')
    or redis.call('ZRANGEBYSCORE', key, from, to, 'WITHSCORES')
  for at = 1, #found, 2 do
    local serial, start = found[at], base + tonumber(found[at + 1])
    local before = start == afterStart and ((desc and serial >= afterSerial) or (not desc and serial <= afterSerial))
    if not before then
      if seen >= looks then
        state = 'looks'
        return false
      end
      seen = seen + 1
      if hasAll(start, serial) then
        if #rows == limit then
          state = 'more'
          return false
        end
        rows[#rows + 1] = { start, serial }
      end
      place = { text(start), serial }
    end
  end
  return true
end

local function nextPage(begins)
  local pages = own .. 'd:' .. rarest
  local found = desc and redis.call('ZREVRANGEBYSCORE', pages, '(' .. text(begins), '-inf', 'WITHSCORES', 'LIMIT', 0, 1)
    or redis.call('ZRANGEBYSCORE', pages, '(' .. text(begins), text(max), 'WITHSCORES', 'LIMIT', 0, 1)
  if found[1] then
    return own .. 'i:' .. rarest .. '/' .. found[1], tonumber(found[1]), number(found[2])
  end
end

if fewest > 0 and min <= max then
  local key, base, begins = pageAt(own, rarest, desc and max or min)
  while key and look(key, base) do
    if desc and begins <= min then break end
    key, base, begins = nextPage(begins)
  end
end
if state == 'more' then place = { text(rows[limit][1]), rows[limit][2] } end

local answer = { state, place[1] or '', place[2] or '' }
for _, row in ipairs(rows) do
  local key, index = recordsKey(own, tonumber(row[2]))
  answer[#answer + 1] = text(row[1])
  answer[#answer + 1] = row[2]
  answer[#answer + 1] = redis.call('LINDEX', key, index) or ''
end
return answer
