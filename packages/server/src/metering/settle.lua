-- Asks what became of a call that had no answer, and closes the lane for it: should it still be on its way, it will do
-- nothing (take.lua).
--
-- KEYS  the lane's own key
-- ARGV  a number above that of every call of the lane so far
-- answer: the last answer of the lane; empty where there is none
local last = redis.call('GET', KEYS[1])
redis.call('SET', KEYS[1], struct.pack('<d', tonumber(ARGV[1])), 'PX', 86400000)
return last or ''
