-- Appends entries to the log of a workspace, which keeps the last of them for a while.
-- KEYS: the log
-- ARGV: how many it keeps, for how many ms after the last one, then entries, oldest first
for i = 3, #ARGV do
  redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'e', ARGV[i])
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
