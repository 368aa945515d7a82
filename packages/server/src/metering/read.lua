-- The counts of several subjects at one instant.
--
-- KEYS  their hashes, see take.lua
-- answer: the server's time in ms, then per hash: at, mu, mr, du, dr, ou, or; zeroes where a hash is missing
local time = redis.call('TIME')
local answer = { time[1] * 1000 + math.floor(time[2] / 1000) }
for _, key in ipairs(KEYS) do
  local h = redis.call('HMGET', key, 'at', 'mu', 'mr', 'du', 'dr', 'ou', 'or')
  for i = 1, 7 do
    answer[#answer + 1] = tonumber(h[i]) or 0
  end
end
return answer
