-- Gives a workspace whose hash is missing the counts to begin with; leaves one that is there as it is.
--
-- KEYS  the workspace's hash (see take.lua), the hash of what was counted apart and is in it (see merge.lua)
-- ARGV  how many fields the first gets; then per field of the first, then of the second: its name, at mu mr du dr ou or
-- answer: 1 where it was missing, else 0
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('DEL', KEYS[2])
local first = 1 + 8 * tonumber(ARGV[1])
for a = 2, #ARGV, 8 do
  local numbers = {}
  for i = 1, 7 do numbers[i] = tonumber(ARGV[a + i]) end
  redis.call('HSET', a <= first and KEYS[1] or KEYS[2], ARGV[a], struct.pack('<ddddddd', unpack(numbers)))
end
redis.call('PEXPIRE', KEYS[1], 40 * 86400000)
redis.call('PEXPIRE', KEYS[2], 40 * 86400000)
return 1
