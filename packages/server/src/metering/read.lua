-- The counts of a workspace and keys of it at one instant.
--
-- KEYS  the workspace's hash, see take.lua
-- ARGV  the keys' ids
-- answer: packed numbers: the server's time in ms, 1 or 0 (there is no such hash), then per subject, the workspace
--       first, seven: at mu mr du dr ou or; zeroes where it has no field
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local nothing = struct.pack('<ddddddd', 0, 0, 0, 0, 0, 0, 0)
local workspace = redis.call('HGET', KEYS[1], 'w')
local answer = { struct.pack('<dd', now, workspace and 1 or 0), workspace or nothing }
for i, id in ipairs(ARGV) do
  answer[i + 2] = redis.call('HGET', KEYS[1], id) or nothing
end
return table.concat(answer)
