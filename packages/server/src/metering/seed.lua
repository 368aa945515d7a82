-- Gives hashes that are missing the counts to begin with; leaves those that are there as they are.
--
-- KEYS  the hashes, see take.lua
-- ARGV  per hash: at, mu, mr, du, dr, ou, or
-- answer: how many were missing
local made = 0
for i, key in ipairs(KEYS) do
  local a = 7 * (i - 1)
  if redis.call('EXISTS', key) == 0 then
    redis.call('HSET', key, 'at', ARGV[a + 1], 'mu', ARGV[a + 2], 'mr', ARGV[a + 3], 'du', ARGV[a + 4], 'dr', ARGV[a + 5],
      'ou', ARGV[a + 6], 'or', ARGV[a + 7])
    redis.call('PEXPIRE', key, 40 * 86400000)
    made = made + 1
  end
end
return made
