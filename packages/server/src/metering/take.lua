-- Takes, peeks and refusals of one lane, in their order, each all or nothing; done once, however late it arrives.
--
-- KEYS  the lane's own key; then the hashes of workspaces, each once
-- ARGV  the number of this call; how many sets of quotas; each set as text: the quotas of the workspace's minute, day,
--       month and of the key's minute, day, month, -1 = no limit; then per item:
--         the key's id; (hash * sets + set) * 3 + operation, where hash and set count from 0 and operation is
--         0 take, 1 peek, 2 refuse; after a refuse how many
-- answer: packed numbers (little-endian doubles): the number of this call, the server's time in ms, then per item
--       13: admitted (1 or 0; 2 where there is no hash, and nothing was done), then of the workspace and of the key
--       used and refused calls of minute, day and month after the item: mu mr du dr ou or
--
-- A hash holds a field `w` for the workspace and one for each key of it that was called, by its id: seven packed
-- numbers, `at` (the start of the minute of the last change), mu mr du dr ou or. Counts of a window that ended before
-- `at` are over and count as zero; so does a field that is missing in a hash that is there. The clock is the server's;
-- should it step back, the later windows go on, so that nothing is counted twice.
-- What many items name is read once before the first and written once after the last: nobody sees between.
--
-- The lane's key holds the last answer. A call whose number is not above the one there was given up by its sender,
-- who has asked for that answer since (settle.lua) and has let nothing else of it count.
local number = tonumber(ARGV[1])
local last = redis.call('GET', KEYS[1])
if last and struct.unpack('<d', last) >= number then return last end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local minute = now - now % 60000
local day = now - now % 86400000

-- Day of the month from days since 1970 (civil calendar, eras of 400 years beginning with March).
local z = day / 86400000 + 719468
local doe = z % 146097
local yoe = math.floor((doe - math.floor(doe / 1460) + math.floor(doe / 36524) - math.floor(doe / 146096)) / 365)
local doy = doe - (365 * yoe + math.floor(yoe / 4) - math.floor(yoe / 100))
local mp = math.floor((5 * doy + 2) / 153)
local month = day - (doy - math.floor((153 * mp + 2) / 5)) * 86400000

-- Past any month, so that what is no longer counted into goes away by itself.
local life = 40 * 86400000
local life_of_answer = 86400000

-- The six counts of a field, those of windows that are over as zero.
local function counts(packed)
  if not packed then return { 0, 0, 0, 0, 0, 0 }, false end
  local at, mu, mr, du, dr, ou, orr = struct.unpack('<ddddddd', packed)
  if at >= minute then return { mu, mr, du, dr, ou, orr }, false end
  if at < day then du = 0 dr = 0 end
  if at < month then ou = 0 orr = 0 end
  return { 0, 0, du, dr, ou, orr }, at < month
end

local books = {}

-- The book of a hash with the counts of a key of it, as the items so far have left them; false where there is no hash.
local function book_of(hash, id)
  local book = books[hash]
  if book == nil then
    local packed = redis.call('HMGET', KEYS[hash], 'w', id)
    if packed[1] then
      local w, is_over = counts(packed[1])
      book = { hash = hash, w = w, is_over = is_over, keys = { [id] = counts(packed[2]) } }
    else
      book = false
    end
    books[hash] = book
  elseif book and not book.keys[id] then
    book.keys[id] = counts(redis.call('HGET', KEYS[hash], id))
  end
  return book
end

local function write(book)
  -- A month is over: none of its keys has any calls in this one.
  if book.is_over then redis.call('DEL', KEYS[book.hash]) end
  local w = book.w
  local fields, n = { 'HSET', KEYS[book.hash], 'w', struct.pack('<ddddddd', minute, w[1], w[2], w[3], w[4], w[5], w[6]) }, 4
  for id, k in pairs(book.keys) do
    fields[n + 1] = id
    fields[n + 2] = struct.pack('<ddddddd', minute, k[1], k[2], k[3], k[4], k[5], k[6])
    n = n + 2
  end
  redis.call(unpack(fields))
  if book.is_over then redis.call('PEXPIRE', KEYS[book.hash], life) end
end

local sets = tonumber(ARGV[2])
local quotas = {}
for i = 1, sets do
  local wm, wd, wo, km, kd, ko = string.match(ARGV[2 + i], '(%S+) (%S+) (%S+) (%S+) (%S+) (%S+)')
  quotas[i] = { tonumber(wm), tonumber(wd), tonumber(wo), tonumber(km), tonumber(kd), tonumber(ko) }
end

local function has_room(used, quota)
  return quota < 0 or used < quota
end

local answer, n = { struct.pack('<dd', number, now) }, 1
local a = 3 + sets
while ARGV[a] do
  local id, code = ARGV[a], tonumber(ARGV[a + 1])
  a = a + 2
  local operation = code % 3
  code = (code - operation) / 3
  local set = code % sets
  local book = book_of((code - set) / sets + 2, id)
  local times = 1
  if operation == 2 then
    times = tonumber(ARGV[a])
    a = a + 1
  end
  n = n + 1
  if not book then
    answer[n] = struct.pack('<ddddddddddddd', 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
  else
    local w, k, q = book.w, book.keys[id], quotas[set + 1]
    local admitted = operation ~= 2
      and has_room(w[1], q[1]) and has_room(w[3], q[2]) and has_room(w[5], q[3])
      and has_room(k[1], q[4]) and has_room(k[3], q[5]) and has_room(k[5], q[6])
    if operation ~= 1 then
      local r = admitted and 0 or 1
      w[1 + r] = w[1 + r] + times
      w[3 + r] = w[3 + r] + times
      w[5 + r] = w[5 + r] + times
      k[1 + r] = k[1 + r] + times
      k[3 + r] = k[3 + r] + times
      k[5 + r] = k[5 + r] + times
      book.is_changed = true
    end
    answer[n] = struct.pack('<ddddddddddddd', admitted and 1 or 0,
      w[1], w[2], w[3], w[4], w[5], w[6], k[1], k[2], k[3], k[4], k[5], k[6])
  end
end
for _, book in pairs(books) do
  if book and book.is_changed then write(book) end
end
local packed = table.concat(answer)
redis.call('SET', KEYS[1], packed, 'PX', life_of_answer)
return packed
