-- Gives back what a call was charged, in the windows that it was charged in; never below zero.
--
-- KEYS  the workspace's hash (see take.lua)
-- ARGV  the key's id, what it was charged, and of that charge the starts of minute, day and month and the end of the
--       month, in ms
-- answer: the server's time in ms, then as they are after it the field of the workspace and that of the key; empty where
--       one of them is not there
local minute, day = tonumber(ARGV[3]), tonumber(ARGV[4])
local month, month_end = tonumber(ARGV[5]), tonumber(ARGV[6])
local max, cost = math.max, tonumber(ARGV[2])
local fields = redis.call('HMGET', KEYS[1], 'w', ARGV[1])
if not fields[1] or not fields[2] then return '' end

-- What a window has that began later is not of this charge.
local function less(packed)
  local at, mu, mr, du, dr, ou, orr = struct.unpack('<ddddddd', packed)
  if at == minute then mu = max(0, mu - cost) end
  if at >= day and at < day + 86400000 then du = max(0, du - cost) end
  if at >= month and at < month_end then ou = max(0, ou - cost) end
  return struct.pack('<ddddddd', at, mu, mr, du, dr, ou, orr)
end

local workspace, key = less(fields[1]), less(fields[2])
redis.call('HSET', KEYS[1], 'w', workspace, ARGV[1], key)
local time = redis.call('TIME')
return struct.pack('<d', time[1] * 1000 + math.floor(time[2] / 1000)) .. workspace .. key
