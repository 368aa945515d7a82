-- The newest entries after those that were seen.
-- KEYS: the log
-- ARGV: how many were seen of all that it ever had, how many are wanted at most
-- Answer: how many it ever had; the entries with their ids, newest first
if redis.call('EXISTS', KEYS[1]) == 0 then return { 0, {} } end
local info = redis.call('XINFO', 'STREAM', KEYS[1])
local total = 0
for i = 1, #info, 2 do
  if info[i] == 'entries-added' then total = info[i + 1] end
end
local seen = tonumber(ARGV[1])
if seen > total then seen = 0 end
local count = math.min(tonumber(ARGV[2]), total - seen)
if count == 0 then return { total, {} } end
return { total, redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', count) }
