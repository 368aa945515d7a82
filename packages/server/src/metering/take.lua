-- Takes, peeks and refusals of one event-loop turn, in their order, each all or nothing.
--
-- KEYS  per item: the hash of its workspace, the hash of its key
-- ARGV  per item: operation (0 take, 1 peek, 2 refuse), then the quotas of the workspace's minute, day, month and of
--       the key's minute, day, month; -1 = no limit
-- answer: the server's time in ms, then per item: admitted (1 or 0; 2 where the workspace's hash is missing, 3 where only
--       the key's is, and nothing was done), and the used calls of the workspace's minute, day, month and of the key's, after the item
--
-- A hash holds `at`, the start of the minute of its last change, and per window (m, d, o = month) used and refused
-- calls: mu mr du dr ou or. Counts of a window that ended before `at` are stale and count as zero. The clock is the
-- server's; should it step back, the later windows go on, so that nothing is counted twice.
-- A hash that many items name is read once before the first and written once after the last: nobody sees between.
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

local subjects, order = {}, {}

-- The counts behind a key as the items so far have left them; false where there is no hash.
local function subject(key)
  local c = subjects[key]
  if c ~= nil then return c end
  local h = redis.call('HMGET', key, 'at', 'mu', 'mr', 'du', 'dr', 'ou', 'or')
  if not h[1] then
    subjects[key] = false
    return false
  end
  local at = tonumber(h[1])
  c = { key = key, stale = at < minute, mu = 0, mr = 0, du = 0, dr = 0, ou = 0, orr = 0 }
  if at >= minute then c.mu = tonumber(h[2]); c.mr = tonumber(h[3]) end
  if at >= day then c.du = tonumber(h[4]); c.dr = tonumber(h[5]) end
  if at >= month then c.ou = tonumber(h[6]); c.orr = tonumber(h[7]) end
  subjects[key] = c
  order[#order + 1] = c
  return c
end

local function add(c, admitted)
  if admitted then
    c.mu = c.mu + 1; c.du = c.du + 1; c.ou = c.ou + 1
    c.has_used = true
  else
    c.mr = c.mr + 1; c.dr = c.dr + 1; c.orr = c.orr + 1
    c.has_refused = true
  end
end

-- Only what has changed: writing a number costs more than adding to it.
local function write(c)
  if c.stale and (c.has_used or c.has_refused) then
    redis.call('HSET', c.key, 'at', minute, 'mu', c.mu, 'mr', c.mr, 'du', c.du, 'dr', c.dr, 'ou', c.ou, 'or', c.orr)
    redis.call('PEXPIRE', c.key, life)
    return
  end
  if c.has_used then redis.call('HSET', c.key, 'mu', c.mu, 'du', c.du, 'ou', c.ou) end
  if c.has_refused then redis.call('HSET', c.key, 'mr', c.mr, 'dr', c.dr, 'or', c.orr) end
end

local function has_room(used, quota)
  return quota < 0 or used < quota
end

local answer = { now }
local n = 1
for i = 1, #KEYS / 2 do
  local w, k = subject(KEYS[2 * i - 1]), subject(KEYS[2 * i])
  if not w or not k then
    answer[n + 1] = w and 3 or 2
    for f = 2, 7 do answer[n + f] = 0 end
  else
    local a = 7 * (i - 1)
    local operation = tonumber(ARGV[a + 1])
    local admitted = operation ~= 2
      and has_room(w.mu, tonumber(ARGV[a + 2])) and has_room(w.du, tonumber(ARGV[a + 3])) and has_room(w.ou, tonumber(ARGV[a + 4]))
      and has_room(k.mu, tonumber(ARGV[a + 5])) and has_room(k.du, tonumber(ARGV[a + 6])) and has_room(k.ou, tonumber(ARGV[a + 7]))
    if operation ~= 1 then
      add(w, admitted)
      add(k, admitted)
    end
    answer[n + 1] = admitted and 1 or 0
    answer[n + 2] = w.mu; answer[n + 3] = w.du; answer[n + 4] = w.ou
    answer[n + 5] = k.mu; answer[n + 6] = k.du; answer[n + 7] = k.ou
  end
  n = n + 7
end
for _, c in ipairs(order) do write(c) end
return answer
