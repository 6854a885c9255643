using System.ComponentModel;
using System.Diagnostics;
using StackExchange.Redis;

namespace SlabGen.Samples.Tests.KeyValueServer;

/// <summary>Real clients get what they ask for, from both kinds of server.</summary>
public sealed class ServerAnswers
{
    [Theory]
    [InlineData(RedisProtocol.Resp2)]
    [InlineData(RedisProtocol.Resp3)]
    [InlineData(RedisProtocol.Resp3, "--gc")]
    public async Task StackExchange_Redis(RedisProtocol protocol, params string[] arguments)
    {
        await using RunningServer server = await RunningServer.StartAsync(arguments);
        var options = new ConfigurationOptions
        {
            EndPoints = { { "127.0.0.1", server.Port } },
            Protocol = protocol,
            AllowAdmin = true,
            AbortOnConnectFail = true,
            ConnectTimeout = 180_000,
            SyncTimeout = 180_000,
            AsyncTimeout = 180_000,
        };
        await using ConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync(options);
        IDatabase keys = connection.GetDatabase();

        Assert.True(await keys.StringSetAsync("a", "1"));
        Assert.Equal(11, await keys.StringIncrementAsync("a", 10));
        Assert.Equal(5, await keys.StringAppendAsync("a", "xyz"));
        Assert.Equal("11xyz", await keys.StringGetAsync("a"));
        Assert.Equal(5, await keys.StringLengthAsync("a"));
        Assert.True((await keys.StringGetAsync("missing")).IsNull);
        Assert.False(await keys.StringSetAsync("a", "2", when: When.NotExists));
        Assert.Equal("11xyz", await keys.StringSetAndGetAsync("a", "2"));
        Assert.True(await keys.StringSetAsync([new("b", "3"), new("c", new byte[100_000])]));
        Assert.Equal(["2", "3", RedisValue.Null], await keys.StringGetAsync(["a", "b", "d"]));
        Assert.Equal(100_000, (await keys.StringGetAsync("c")).Length());

        Assert.True(await keys.KeyExpireAsync("a", TimeSpan.FromSeconds(100)));
        Assert.InRange((await keys.KeyTimeToLiveAsync("a"))!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(100));
        Assert.True(await keys.StringSetAsync("brief", "1", TimeSpan.FromMilliseconds(20)));
        while (await keys.KeyExistsAsync("brief"))
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        Assert.Equal(3, await keys.ListRightPushAsync("list", ["x", "y", "z"]));
        Assert.Equal(4, await keys.ListLeftPushAsync("list", "w"));
        Assert.Equal(["x", "y"], await keys.ListRangeAsync("list", 1, -2));
        Assert.Equal("z", await keys.ListRightPopAsync("list"));
        Assert.Equal(["w", "x", "y"], await keys.ListLeftPopAsync("list", 10));
        Assert.Equal(RedisType.None, await keys.KeyTypeAsync("list"));

        await keys.HashSetAsync("hash", [new("f", "1"), new("g", "2")]);
        Assert.Equal(3, await keys.HashIncrementAsync("hash", "f", 2));
        Assert.Equal(["f=3", "g=2"], (await keys.HashGetAllAsync("hash")).Select(field => $"{field.Name}={field.Value}").Order());
        Assert.True(await keys.HashDeleteAsync("hash", "g"));
        Assert.Equal(1, await keys.HashLengthAsync("hash"));

        RedisServerException wrong = await Assert.ThrowsAsync<RedisServerException>(() => keys.ListLengthAsync("hash"));
        Assert.StartsWith("WRONGTYPE", wrong.Message, StringComparison.Ordinal);

        await Task.WhenAll(Enumerable.Range(0, 2_000).Select(i => keys.StringSetAsync($"many:{i}", i)));
        IServer admin = connection.GetServer("127.0.0.1", server.Port);
        Assert.Equal(2_000, admin.Keys(pattern: "many:*", pageSize: 100).Distinct().Count());
        Assert.Equal(2_004, await admin.DatabaseSizeAsync());
        Assert.Equal(3, await keys.KeyDeleteAsync(["a", "b", "c", "d"]));
        await admin.FlushDatabaseAsync();
        Assert.Equal(0, await admin.DatabaseSizeAsync());
    }

    [Theory]
    [InlineData("SET a b EX 0", "-ERR invalid expire time")]
    [InlineData("SET a b EX 9223372036854775807", "-ERR invalid expire time")]
    [InlineData("SET a b NX XX", "-ERR syntax error")]
    [InlineData("SET a b PX", "-ERR syntax error")]
    [InlineData("GET", "-ERR wrong number of arguments for 'GET' command")]
    [InlineData("MSET a 1 b", "-ERR wrong number of arguments")]
    [InlineData("INCRBY a 1.5", "-ERR value is not an integer")]
    [InlineData("DECRBY a -9223372036854775808", "-ERR value is not an integer")]
    [InlineData("SCAN x", "-ERR invalid cursor")]
    [InlineData("SCAN 0 COUNT 0", "-ERR syntax error")]
    [InlineData("SELECT 1", "-ERR DB index is out of range")]
    [InlineData("HELLO 4", "-NOPROTO")]
    [InlineData("CONFIG SET maxmemory much", "-ERR cannot set 'maxmemory' to 'much'")]
    [InlineData("NO\u0001SUCH", "-ERR unknown command 'NO?SUCH'")]
    [InlineData("SUBSCRIBE channel", "-ERR unknown command 'SUBSCRIBE'")]
    public async Task A_wrong_command_is_refused_and_the_connection_goes_on(string command, string error)
    {
        await using RunningServer server = await RunningServer.StartAsync();
        using TestClient client = server.Connect();

        Assert.StartsWith(error, client.Ask(command), StringComparison.Ordinal);
        Assert.Equal("PONG", client.Ask("PING"));
    }

    [Fact]
    public async Task Redis_cli()
    {
        await using RunningServer server = await RunningServer.StartAsync();

        Assert.Equal("OK\n", await Run("redis-cli", "-p", $"{server.Port}", "SET", "a", "1"));
        Assert.Equal("2\n", await Run("redis-cli", "-p", $"{server.Port}", "INCR", "a"));
        Assert.Equal("1\n", await Run("redis-cli", "-p", $"{server.Port}", "HSET", "h", "f", "v"));
        Assert.Equal("f v\n", await Run("redis-cli", "-3", "--raw", "-p", $"{server.Port}", "HGETALL", "h"));
        Assert.Contains("a\n", await Run("redis-cli", "-p", $"{server.Port}", "--scan"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redis_benchmark()
    {
        await using RunningServer server = await RunningServer.StartAsync();

        string output = await Run(
            "redis-benchmark", "-p", $"{server.Port}", "-n", "2000", "-P", "8", "-r", "100", "--csv", "-t", "ping,set,get,incr,lpush,rpush,lpop,rpop,hset,lrange_100,mset");

        Assert.Equal(13, output.TrimEnd().Split('\n').Count(line => line.StartsWith('"') && !line.StartsWith("\"test\"", StringComparison.Ordinal)));
        Assert.DoesNotContain("rror", output, StringComparison.Ordinal);
    }

    /// <summary>Skips the test, visibly, where the tool is missing.</summary>
    private static async Task<string> Run(string tool, params string[] arguments)
    {
        Process? process = null;
        try
        {
            process = Process.Start(new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true });
        }
        catch (Win32Exception)
        {
            Assert.Skip($"{tool} is not installed (Debian's redis-tools)");
        }

        using (process)
        {
            string output = await process!.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, process.ExitCode);
            return output;
        }
    }
}
