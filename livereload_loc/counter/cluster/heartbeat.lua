-- Stores a heartbeat in the row of its node, and publishes it: KEYS are the row and the set of all nodes, ARGV
-- the message, the lease in milliseconds and the channel. Returns 0 where the row needs a whole heartbeat: it is
-- missing, or this one is not the next. One that arrives late, after the next ones, is ignored.
local beat = cjson.decode(ARGV[1])
local last = tonumber(redis.call('HGET', KEYS[1], ''))
if last and beat.seq <= last then return 1 end
if not beat.whole and last ~= beat.seq - 1 then return 0 end
local now = redis.call('TIME')[1]
if beat.whole then redis.call('DEL', KEYS[1]) end
for site, count in pairs(beat.counts) do
  if count > 0 then redis.call('HSET', KEYS[1], site, string.format('%.0f', count))
  else redis.call('HDEL', KEYS[1], site) end
end
redis.call('HSET', KEYS[1], '', string.format('%.0f', beat.seq))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('ZADD', KEYS[2], now, beat.node)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - ARGV[2] / 500)
redis.call('PUBLISH', ARGV[3], ARGV[1])
return 1
