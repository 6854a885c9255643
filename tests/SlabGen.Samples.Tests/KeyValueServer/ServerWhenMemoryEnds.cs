using System.Text;

namespace SlabGen.Samples.Tests.KeyValueServer;

/// <summary>maxmemory, and the memory that there is: keys go, or commands are refused, and the server goes on.</summary>
public sealed class ServerWhenMemoryEnds
{
    private const int Keys = 3_000;

    [Theory]
    [InlineData("slabs")]
    [InlineData("objects", "--gc")]
    public async Task Maxmemory_evicts_what_was_not_used(string kind, params string[] arguments)
    {
        await using RunningServer server = await RunningServer.StartAsync(["--maxmemory", "1mb", .. arguments]);
        using TestClient client = server.Connect();
        for (int i = 0; i < Keys; i++)
        {
            Assert.Equal("OK", client.Ask($"SET key{i} {new string('x', 1 + (i * 7 % 1000))}"));
            if (i % 100 == 0)
            {
                await Task.Delay(20, TestContext.Current.CancellationToken); // the clock of uses has steps of 16 ms
                Assert.True(client.Ask("GET key0") is "x", $"key0, which is in use, was evicted from {kind}");
            }
        }

        Assert.InRange(server.Info("memory", "used_memory"), 500_000, 1_050_000);
        Assert.InRange(server.Info("stats", "evicted_keys"), 500, Keys);
        Assert.Equal($"{Keys - server.Info("stats", "evicted_keys")}", client.Ask("DBSIZE"));
    }

    [Fact]
    public async Task Without_eviction_commands_that_need_memory_are_refused()
    {
        await using RunningServer server = await RunningServer.StartAsync("--maxmemory", "100kb", "--maxmemory-policy", "noeviction");
        using TestClient client = server.Connect();
        string reply = "OK";
        int keys = 0;
        for (; reply == "OK"; keys++)
        {
            reply = client.Ask($"SET key{keys} {new string('x', 1000)}");
        }

        Assert.StartsWith("-OOM", reply, StringComparison.Ordinal);
        Assert.InRange(keys, 50, 100);
        Assert.Equal(1000, client.Ask("GET key0").Length);
        Assert.Equal("1", client.Ask("DEL key0"));
        Assert.Equal("1", client.Ask("DEL key1"));
        Assert.Equal("OK", client.Ask("SET again 1"));
        Assert.Equal("OK", client.Ask("CONFIG SET maxmemory 1mb"));
        Assert.Equal("OK", client.Ask($"SET key0 {new string('x', 1000)}"));
    }

    [Theory]
    [InlineData("allkeys-lru")]
    [InlineData("noeviction")]
    public async Task The_end_of_real_memory_is_no_end_of_the_server(string policy)
    {
        await using RunningServer server = await RunningServer.StartAsync("--memory-limit", "8mb", "--maxmemory-policy", policy);
        using TestClient client = server.Connect();
        int refused = 0;
        for (int i = 0; i < Keys; i++)
        {
            // Sizes of many caches, and of whole pages.
            int length = i % 50 == 0 ? 100_000 : 1 + (i * 37 % 5000);
            client.Send($"*3\r\n$3\r\nSET\r\n${$"key{i}".Length}\r\nkey{i}\r\n${length}\r\n{new string('x', length)}\r\n");
            refused += client.Read() == "OK" ? 0 : 1;
            if (i % 7 == 0)
            {
                refused += client.Ask($"RPUSH list a {new string('y', 3000)}")[0] == '-' ? 1 : 0;
            }
        }

        Assert.Equal(policy == "noeviction", refused > 100);
        Assert.Equal(policy != "noeviction", server.Info("stats", "evicted_keys") > 100);
        Assert.InRange(server.Info("memory", "slab_committed_bytes"), 1 << 20, 10 << 20); // beyond the limit: page frames, and an eighth for what checked mode remembers
        Assert.True(int.Parse(client.Ask("DBSIZE"), System.Globalization.CultureInfo.InvariantCulture) > 100);

        Assert.Equal("OK", client.Ask("FLUSHALL"));
        Assert.Equal("OK", client.Ask($"SET large {new string('x', 50_000)}"));
    }

    [Fact]
    public async Task A_command_that_fits_nowhere_is_refused_or_its_connection_closed()
    {
        await using RunningServer server = await RunningServer.StartAsync("--memory-limit", "8mb");
        using TestClient client = server.Connect();
        Assert.Equal("OK", client.Ask("SET small 1"));
        client.Send(Encoding.ASCII.GetBytes($"*3\r\n$3\r\nSET\r\n$5\r\nlarge\r\n$20000000\r\n{new string('x', 20_000_000)}\r\n"));

        Assert.StartsWith("-OOM", client.Read(), StringComparison.Ordinal);
        Assert.Equal("0", server.Ask("EXISTS large"));
    }
}
