namespace Fury.Sdk.Redis;

/// <summary>
/// How messages are kept. Below a queue's prefix: <c>m:N</c> is message N, a hash of its id, body, headers, key, side, token, deliveries, time and
/// reason; <c>q:SIDE</c> is a sorted set of those that are next, by the ms at which they may be given; <c>k:SIDE:KEY</c> is the line of an ordering
/// key, whose first alone is in that set; <c>l:SIDE</c> is a sorted set of the leased ones, <c>n:SIDE</c> how many there are. Each script is one step,
/// by the time of Redis.
/// </summary>
internal static class RedisMessages
{
    /// <summary>How long an id is known as sent.</summary>
    private const string WindowMs = "300000";

    // Numbers have up to 16 digits: Lua's own writing of numbers ends at 14.
    private const string Common = """
        local function now()
          local time = redis.call('TIME')
          return time[1] * 1000 + math.floor(time[2] / 1000)
        end
        local function enter(p, side, n, key, at)
          redis.call('INCR', p .. 'n:' .. side)
          redis.call('HSET', p .. 'm:' .. n, 's', side, 'v', at)
          if key ~= '' and redis.call('RPUSH', p .. 'k:' .. side .. ':' .. key, n) > 1 then return end
          redis.call('ZADD', p .. 'q:' .. side, at, n)
        end
        local function leave(p, side, n, key)
          redis.call('DECR', p .. 'n:' .. side)
          redis.call('ZREM', p .. 'q:' .. side, n)
          redis.call('ZREM', p .. 'l:' .. side, n)
          if key == '' then return end
          local line = p .. 'k:' .. side .. ':' .. key
          redis.call('LPOP', line)
          local first = redis.call('LINDEX', line, 0)
          if first then redis.call('ZADD', p .. 'q:' .. side, redis.call('HGET', p .. 'm:' .. first, 'v'), first) end
        end
        local function send(p, id, body, headers, key, delay)
          local time = now()
          local n = string.format('%016d', redis.call('INCR', p .. 'last'))
          redis.call('HSET', p .. 'm:' .. n, 'i', id, 'b', body, 'h', headers, 'k', key, 'e', time, 'd', 0, 't', '')
          enter(p, '0', n, key, time + tonumber(delay))
        end
        local function known(p, id)
          return id ~= '' and not redis.call('SET', p .. 'd:' .. id, '', 'PX',
        """ + " " + WindowMs + """
        , 'NX')
        end
        local function held(p, side, n, token)
          local message = redis.call('HMGET', p .. 'm:' .. n, 't', 's', 'k')
          if message[1] ~= token or message[2] ~= side then return nil end
          if tonumber(redis.call('ZSCORE', p .. 'q:' .. side, n) or '0') <= now() then return nil end
          return message[3]
        end

        """;

    // All: KEYS is what the queue's keys begin with. ARGV: id, body, headers, key, deduplication id, delay in ms.
    public static readonly RedisScript Send = new(Common + """
        if known(KEYS[1], ARGV[5]) then return 1 end
        send(KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[6])
        return 0
        """);

    // KEYS: the topic. ARGV: as for a queue. Subscriptions are in a hash: what their keys begin with, and the filter as JSON.
    public static readonly RedisScript Publish = new(Common + """
        if known(KEYS[1], ARGV[5]) then return 1 end
        local headers, all = cjson.decode(ARGV[3]), redis.call('HGETALL', KEYS[1] .. 'subscriptions')
        for i = 1, #all, 2 do
          local wanted = true
          for name, value in pairs(cjson.decode(all[i + 1])) do
            if headers['a-' .. name] ~= value then wanted = false end
          end
          if wanted then send(all[i], ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[6]) end
        end
        return 0
        """);

    // ARGV: side, most, lease in ms.
    public static readonly RedisScript Receive = new(Common + """
        local p, side, found = KEYS[1], ARGV[1], {}
        local time = now()
        for _, n in ipairs(redis.call('ZRANGEBYSCORE', p .. 'q:' .. side, '-inf', time, 'LIMIT', 0, ARGV[2])) do
          local m, token = p .. 'm:' .. n, redis.call('INCR', p .. 'tokens')
          redis.call('HINCRBY', m, 'd', 1)
          redis.call('HSET', m, 't', token)
          redis.call('ZADD', p .. 'q:' .. side, time + tonumber(ARGV[3]), n)
          redis.call('ZADD', p .. 'l:' .. side, time + tonumber(ARGV[3]), n)
          local message = redis.call('HMGET', m, 't', 'i', 'b', 'h', 'k', 'd', 'e', 'r')
          table.insert(message, 1, n)
          found[#found + 1] = message
        end
        return found
        """);

    // ARGV: side, number, token.
    public static readonly RedisScript Complete = new(Common + """
        local key = held(KEYS[1], ARGV[1], ARGV[2], ARGV[3])
        if not key then return 0 end
        leave(KEYS[1], ARGV[1], ARGV[2], key)
        return redis.call('DEL', KEYS[1] .. 'm:' .. ARGV[2])
        """);

    // ARGV: side, number, token, delay in ms. Without a delay, it is where it was.
    public static readonly RedisScript Abandon = new(Common + """
        if not held(KEYS[1], ARGV[1], ARGV[2], ARGV[3]) then return 0 end
        local m, till = KEYS[1] .. 'm:' .. ARGV[2], now() + tonumber(ARGV[4])
        redis.call('HSET', m, 't', '')
        redis.call('ZADD', KEYS[1] .. 'q:' .. ARGV[1], ARGV[4] == '0' and redis.call('HGET', m, 'v') or till, ARGV[2])
        redis.call('ZREM', KEYS[1] .. 'l:' .. ARGV[1], ARGV[2])
        return 1
        """);

    // ARGV: side, number, token, lease in ms.
    public static readonly RedisScript Renew = new(Common + """
        if not held(KEYS[1], ARGV[1], ARGV[2], ARGV[3]) then return 0 end
        local till = now() + tonumber(ARGV[4])
        redis.call('ZADD', KEYS[1] .. 'q:' .. ARGV[1], till, ARGV[2])
        redis.call('ZADD', KEYS[1] .. 'l:' .. ARGV[1], till, ARGV[2])
        return 1
        """);

    // ARGV: side, number, token, reason.
    public static readonly RedisScript PutAside = new(Common + """
        local key = held(KEYS[1], ARGV[1], ARGV[2], ARGV[3])
        if not key then return 0 end
        leave(KEYS[1], ARGV[1], ARGV[2], key)
        redis.call('HSET', KEYS[1] .. 'm:' .. ARGV[2], 't', '', 'd', 0, 'r', ARGV[4])
        enter(KEYS[1], '1', ARGV[2], key, now())
        return 1
        """);

    // ARGV: side, number, token.
    public static readonly RedisScript Redrive = new(Common + """
        local p, key = KEYS[1], held(KEYS[1], ARGV[1], ARGV[2], ARGV[3])
        if not key then return 0 end
        leave(p, ARGV[1], ARGV[2], key)
        local message = redis.call('HMGET', p .. 'm:' .. ARGV[2], 'i', 'b', 'h')
        redis.call('DEL', p .. 'm:' .. ARGV[2])
        send(p, message[1], message[2], message[3], key, '0')
        return 1
        """);

    public static readonly RedisScript Depth = new(Common + """
        local p, time = KEYS[1], now()
        local count = function(name) return tonumber(redis.call('GET', p .. 'n:' .. name) or '0') end
        local later = redis.call('ZCOUNT', p .. 'q:0', '(' .. string.format('%.0f', time), '+inf')
        local leased = redis.call('ZCOUNT', p .. 'l:0', '(' .. string.format('%.0f', time), '+inf')
        return { count('0') - later, leased, later - leased, count('1') }
        """);
}
