-- Appends entries to logs of workspaces, which keep the last of them for a while.
-- KEYS: the logs, each once
-- ARGV: how many a log keeps, for how many ms after the last one; then per log, in the order of KEYS, how many entries it
--       gets, and those, oldest first
local a = 3
for k = 1, #KEYS do
  local last = a + ARGV[a]
  for i = a + 1, last do
    redis.call('XADD', KEYS[k], 'MAXLEN', '~', ARGV[1], '*', 'e', ARGV[i])
  end
  redis.call('PEXPIRE', KEYS[k], ARGV[2])
  a = last + 1
end
