-- Adds what servers counted apart while this store was away, each call once, whoever brings it and however often.
--
-- KEYS  the workspace's hash (see take.lua), the hash of what was counted apart and is in it
-- ARGV  starts of the current minute, day and month in ms; then per row: the writer and the key's id with a space
--       between, the key's id, and what that writer counted apart into those windows: mu mr du dr ou or, below zero
--       where the store has counted more than the writer knew of
-- answer: 1; 0 where there is no such hash: it will begin with all of it (seed.lua)
--
-- A field of the second hash holds what of a row is in the first already, as seven packed numbers like there.
local minute, day, month = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local function counts(packed)
  local c = { 0, 0, 0, 0, 0, 0 }
  if not packed then return c end
  local at, mu, mr, du, dr, ou, orr = struct.unpack('<ddddddd', packed)
  -- A window that began after these is not theirs to add to.
  if at > minute then return nil end
  if at >= minute then c[1] = mu c[2] = mr end
  if at >= day then c[3] = du c[4] = dr end
  if at >= month then c[5] = ou c[6] = orr end
  return c
end
local function put(hash, field, c)
  redis.call('HSET', hash, field, struct.pack('<ddddddd', minute, c[1], c[2], c[3], c[4], c[5], c[6]))
end

local packed = redis.call('HGET', KEYS[1], 'w')
if not packed then return 0 end
local workspace = counts(packed)
if not workspace then return redis.error_reply('LATE these windows are over') end
for a = 4, #ARGV, 8 do
  local row, id = ARGV[a], ARGV[a + 1]
  local done = counts(redis.call('HGET', KEYS[2], row))
  local key = counts(redis.call('HGET', KEYS[1], id))
  if not done or not key then return redis.error_reply('LATE these windows are over') end
  for i = 1, 6 do
    local more = tonumber(ARGV[a + 1 + i]) - done[i]
    done[i] = done[i] + more
    key[i] = key[i] + more
    workspace[i] = workspace[i] + more
  end
  put(KEYS[1], id, key)
  put(KEYS[2], row, done)
end
put(KEYS[1], 'w', workspace)
redis.call('PEXPIRE', KEYS[2], 40 * 86400000)
return 1
