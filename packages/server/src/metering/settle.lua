-- Asks what became of a call that had no answer, and closes the lane for it: should it still be on its way, it will do
-- nothing (take.lua). May be asked again, should its own answer get lost: the last answer of a call is kept.
--
-- KEYS  the lane's own key
-- ARGV  a number above that of every call of the lane so far
-- answer: the last answer of a call of the lane; empty where there is none
--
-- The lane's key then holds this number before that answer.
local last = redis.call('GET', KEYS[1]) or ''
-- An answer is 16 bytes and 120 a key; what another settling left has its number of 8 bytes before that.
if #last % 120 ~= 16 then last = string.sub(last, 9) end
redis.call('SET', KEYS[1], struct.pack('<d', tonumber(ARGV[1])) .. last, 'PX', 86400000)
return last
