-- All that a list has for some numbers: each whole, by all its beginnings, and by the patterns that look like it.
-- KEYS: entries, shapes
-- ARGV: how many numbers, the numbers, then what may follow them in an id
local numbers, suffixes = {}, {}
for i = 2, #ARGV do
  if i <= tonumber(ARGV[1]) + 1 then numbers[#numbers + 1] = ARGV[i] else suffixes[#suffixes + 1] = ARGV[i] end
end
local shapes = redis.call('hkeys', KEYS[2])

local function shaped(number, shape)
  local open = string.sub(shape, -1) == '*'
  local length = open and #shape - 1 or #shape
  if #number < length or (not open and #number > length) then return nil end
  local match = {}
  for i = 1, length do
    local mark, char = string.sub(shape, i, i), string.sub(number, i, i)
    local digit = string.find(char, '^%d$') ~= nil
    if (mark == '+') ~= (char == '+') or (mark ~= '+' and not digit) then return nil end
    match[i] = mark == 'X' and 'X' or char
  end
  return table.concat(match) .. (open and '*' or '')
end

local matches = {}
for _, number in ipairs(numbers) do
  matches[#matches + 1] = number
  if string.find(number, '^[%d+]') then
    for i = 1, #number do matches[#matches + 1] = string.sub(number, 1, i) .. '*' end
    for _, shape in ipairs(shapes) do matches[#matches + 1] = shaped(number, shape) end
  end
end
local ids = {}
for _, match in ipairs(matches) do
  for _, suffix in ipairs(suffixes) do ids[#ids + 1] = match .. suffix end
end
local found = {}
for from = 1, #ids, 500 do
  for _, entry in ipairs(redis.call('hmget', KEYS[1], unpack(ids, from, math.min(from + 499, #ids)))) do
    if entry then found[#found + 1] = entry end
  end
end
return found
