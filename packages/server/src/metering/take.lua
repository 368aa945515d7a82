-- Calls of one lane, each all or nothing; done once, however late it arrives.
--
-- KEYS  the lane's own key; then the hashes of workspaces, each once
-- ARGV  the number of this call; how many sets of quotas; each set as text: the quotas of the workspace's minute, day,
--       month and of the key's minute, day, month, -1 = no limit; then per workspace, in the order of KEYS, its keys,
--       each once: its id; (((refused * 1024 + cost) * 512 + takes) * sets + set) * 2 + more, where refused says how many
--       calls were refused elsewhere, takes how many ask to pass and cost as how many calls each of them counts, set
--       counts from 0, and more is 1 unless it is the workspace's last
-- answer: packed numbers (little-endian doubles): the number of this call, the server's time in ms, then per key 15:
--       how many of its takes were admitted, the first ones; -1 where there is no hash, and nothing was done; then as
--       they are after it the field of the workspace and that of the key
--
-- A hash holds a field `w` for the workspace and one for each key of it that was called, by its id: seven packed
-- numbers, `at` (the start of the minute of the last change) and of minute, day and month the used and the refused
-- calls: mu mr du dr ou or. Counts of a window that ended before `at` are over and count as zero; so does a field that
-- is missing in a hash that is there. The clock is the server's; should it step back, the later windows go on, so that
-- nothing is counted twice.
--
-- The lane's key holds the last answer. A call whose number is not above the one there was given up by its sender,
-- who has asked for that answer since (settle.lua) and has let nothing else of it count.
local number = tonumber(ARGV[1])
local last = redis.call('GETRANGE', KEYS[1], 0, 7)
if #last == 8 and struct.unpack('<d', last) >= number then return redis.call('GET', KEYS[1]) end

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

local call, pack, unpack_numbers, min, max = redis.call, struct.pack, struct.unpack, math.min, math.max

-- The six counts of a field, those of windows that are over as zero; last whether its month is over.
local function counts(packed)
  if not packed then return 0, 0, 0, 0, 0, 0, false end
  local at, mu, mr, du, dr, ou, orr = unpack_numbers('<ddddddd', packed)
  if at >= minute then return mu, mr, du, dr, ou, orr, false end
  if at >= day then return 0, 0, du, dr, ou, orr, false end
  if at >= month then return 0, 0, 0, 0, ou, orr, false end
  return 0, 0, 0, 0, 0, 0, true
end

local sets = tonumber(ARGV[2])
local quotas = {}
for i = 1, sets do
  local set = {}
  for quota in string.gmatch(ARGV[2 + i], '%S+') do
    set[#set + 1] = quota == '-1' and math.huge or tonumber(quota)
  end
  quotas[i] = set
end

local answer, n = { pack('<dd', number, now) }, 1
local a = 3 + sets
for h = 2, #KEYS do
  local hash = KEYS[h]
  local ask, first, more = { 'HMGET', hash, 'w' }, a, 1
  while more == 1 do
    ask[#ask + 1] = ARGV[a]
    more = ARGV[a + 1] % 2
    a = a + 2
  end
  local fields = call(unpack(ask))
  local mu, mr, du, dr, ou, orr, is_over = counts(fields[1])
  local write, packed_workspace = { 'HSET', hash, 'w', false }, fields[1]
  for i = first, a - 2, 2 do
    if not fields[1] then
      n = n + 1
      answer[n] = pack('<ddddddddddddddd', -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    else
      local code = math.floor(ARGV[i + 1] / 2)
      local q = quotas[code % sets + 1]
      code = math.floor(code / sets)
      local takes = code % 512
      code = math.floor(code / 512)
      local cost = max(1, code % 1024)
      local kmu, kmr, kdu, kdr, kou, kor = counts(fields[2 + (i - first) / 2])
      local room = min(q[1] - mu, q[2] - du, q[3] - ou, q[4] - kmu, q[5] - kdu, q[6] - kou)
      local admitted = max(0, min(takes, math.floor(room / cost)))
      local refused = takes - admitted + math.floor(code / 1024)
      local added = admitted * cost
      mu, du, ou, kmu, kdu, kou = mu + added, du + added, ou + added, kmu + added, kdu + added, kou + added
      mr, dr, orr, kmr, kdr, kor = mr + refused, dr + refused, orr + refused, kmr + refused, kdr + refused, kor + refused
      packed_workspace = pack('<ddddddd', minute, mu, mr, du, dr, ou, orr)
      local packed_key = pack('<ddddddd', minute, kmu, kmr, kdu, kdr, kou, kor)
      answer[n + 1], answer[n + 2], answer[n + 3] = pack('<d', admitted), packed_workspace, packed_key
      n = n + 3
      if admitted + refused > 0 then
        write[4] = packed_workspace
        local m = #write
        write[m + 1], write[m + 2] = ARGV[i], packed_key
      end
    end
  end
  if write[4] then
    -- A month is over: none of its keys has any calls in this one.
    if is_over then call('DEL', hash) end
    call(unpack(write))
    if is_over then call('PEXPIRE', hash, life) end
  end
end
local packed = table.concat(answer)
call('SET', KEYS[1], packed, 'PX', life_of_answer)
return packed
