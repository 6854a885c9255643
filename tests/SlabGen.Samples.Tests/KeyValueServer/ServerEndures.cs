using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace SlabGen.Samples.Tests.KeyValueServer;

/// <summary>What clients do wrong costs them their connection, and others nothing.</summary>
public sealed class ServerEndures
{
    [Theory]
    [InlineData("*1\r\n$x\r\n", "-ERR Protocol error: invalid bulk length")]
    [InlineData("*2000000\r\n", "-ERR Protocol error: invalid multibulk length: 2,000,000 is more than 1,048,576")]
    [InlineData("*2\r\n$3\r\nGET\r\n$999999999\r\n", "-ERR Protocol error: invalid bulk length: 999,999,999 is more than 67,108,864")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n\r\n*x\r\n", "-ERR Protocol error: invalid multibulk length")]
    [InlineData("*1\r\n\u0016\u0003\u0001", "-ERR Protocol error: expected '$', got '\\x16'")]
    public async Task Malformed_input_is_told_and_ends_the_connection(string bytes, string error)
    {
        await using RunningServer server = await RunningServer.StartAsync();
        using TestClient client = server.Connect();
        client.Send("SET a 1\r\n" + bytes);

        Assert.True(client.IsClosedByServer(out string last));
        Assert.Equal(error, last);
        Assert.Equal("1", server.Ask("GET a")); // what was before it was done
    }

    [Theory]
    [InlineData("")]
    [InlineData("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$2000000\r\n")]
    [InlineData("*1000000\r\n$1\r\nx\r\n")]
    public async Task Endless_input_is_cut(string begin)
    {
        await using RunningServer server = await RunningServer.StartAsync("--longest-command", "1mb");
        using TestClient client = server.Connect();
        client.Send(begin);
        byte[] endless = new byte[64 * 1024];
        endless.AsSpan().Fill((byte)'1');

        int sent = 0;
        try
        {
            for (; sent < 1000; sent++)
            {
                client.Send(endless);
            }
        }
        catch (IOException)
        {
            // Closed under way.
        }

        Assert.True(sent < 1000 || client.IsClosedByServer(out _));
        Assert.Equal("PONG", server.Ask("PING"));
        await server.UntilAsync("memory", "client_buffers", bytes => bytes == 0);
    }

    [Fact]
    public async Task Incomplete_commands_of_all_clients_have_one_budget()
    {
        await using RunningServer server = await RunningServer.StartAsync("--client-buffers", "4mb");
        var clients = new List<TestClient>();
        for (int i = 0; i < 20; i++)
        {
            TestClient client = server.Connect();
            clients.Add(client);
            client.Send("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1000000\r\n");
            try
            {
                client.Send(new byte[600_000]);
            }
            catch (IOException)
            {
                // Closed under way.
            }
        }

        await server.UntilAsync("memory", "client_buffers", bytes => bytes > 0);
        Assert.InRange(server.Info("memory", "client_buffers"), 0, 4 << 20);
        await server.UntilAsync("clients", "connected_clients", count => count <= 10);

        // Which ones were too many is known to the server alone: it reads them side by side.
        List<TestClient> ended = clients.FindAll(client => client.Socket.Poll(0, SelectMode.SelectRead));
        Assert.InRange(ended.Count, 10, 20);
        Assert.All(ended, client => Assert.True(client.IsClosedByServer(out _)));
        clients.ForEach(client => client.Dispose());
        await server.UntilAsync("memory", "client_buffers", bytes => bytes == 0);
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_not_served_on()
    {
        await using RunningServer server = await RunningServer.StartAsync("--client-buffers", "8mb");
        using TestClient client = server.Connect();
        client.Send($"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1000000\r\n{new string('x', 1_000_000)}\r\n");
        Assert.Equal("OK", client.Read());

        // 2 GB of replies; it may send what the sockets' buffers hold, or all of it.
        client.Socket.Blocking = false;
        byte[] gets = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("GET a\r\n", 2000)));
        client.Socket.Send(gets, SocketFlags.None, out _);

        for (int i = 0; i < 50; i++)
        {
            Assert.Equal("PONG", server.Ask("PING"));
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        Assert.InRange(server.Info("memory", "client_buffers"), 0, 8 << 20);
        server.Process.Refresh();
        Assert.InRange(server.Process.WorkingSet64, 1, 500_000_000);
    }

    [Fact]
    public async Task A_reply_larger_than_the_budget_closes_the_connection()
    {
        await using RunningServer server = await RunningServer.StartAsync("--client-buffers", "2mb");
        using TestClient client = server.Connect();
        client.Send($"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1000000\r\n{new string('x', 1_000_000)}\r\n");
        Assert.Equal("OK", client.Read());
        client.Send("MGET a a a a\r\n");

        Assert.True(client.IsClosedByServer(out string last));
        Assert.Equal("", last);
        Assert.Equal("1000000", server.Ask("STRLEN a"));
    }

    [Theory]
    [InlineData]
    [InlineData("--gc")]
    public async Task A_thousand_clients_at_once(params string[] arguments)
    {
        string limit = OperatingSystem.IsLinux() ? File.ReadLines("/proc/self/limits").Single(line => line.StartsWith("Max open files", StringComparison.Ordinal)) : "unlimited";
        Assert.SkipWhen(long.TryParse(limit.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], out long files) && files < 4096, $"this process may open {files} files at a time");
        await using RunningServer server = await RunningServer.StartAsync(arguments);
        TestClient[] clients = [.. Enumerable.Range(0, 1000).Select(_ => server.Connect())];
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < clients.Length; i++)
            {
                clients[i].Send($"SET key{i} {i}\r\nGET key{i}\r\nINCR all\r\n");
            }

            for (int i = 0; i < clients.Length; i++)
            {
                Assert.Equal(("OK", $"{i}"), (clients[i].Read(), clients[i].Read()));
                Assert.InRange(int.Parse(clients[i].Read()!, System.Globalization.CultureInfo.InvariantCulture), 1, 3000);
            }
        }

        Assert.Equal("3000", server.Ask("GET all"));
        Array.ForEach(clients, client => client.Dispose());
    }

    [Fact]
    public async Task Too_many_clients_are_told()
    {
        await using RunningServer server = await RunningServer.StartAsync("--maxclients", "2");
        using TestClient one = server.Connect();
        Assert.Equal("PONG", one.Ask("PING"));
        using TestClient two = server.Connect();
        Assert.Equal("PONG", two.Ask("PING"));
        using TestClient three = server.Connect();
        Assert.True(three.IsClosedByServer(out string error));
        Assert.Equal("-ERR max number of clients reached", error);
        two.Dispose();
        Assert.Equal("PONG", one.Ask("PING"));
        one.Send("SHUTDOWN\r\n");
        await server.Process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Killed_the_port_is_free_again_and_clients_know()
    {
        RunningServer server = await RunningServer.StartAsync();
        using TestClient client = server.Connect();
        Assert.Equal("OK", client.Ask("SET a 1"));
        server.Process.Kill(); // SIGKILL
        await server.Process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(client.IsClosedByServer(out _));

        await using RunningServer next = await RunningServer.StartAsync("--port", $"{server.Port}");
        Assert.Equal("(nil)", next.Ask("GET a"));
        await server.DisposeAsync();
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        ProgramResult result = await new SampleProgram("KeyValueServer").RunAsync("--port", $"{server.Port}");

        Assert.Equal((3, ""), (result.ExitCode, result.Output));
        Assert.StartsWith($"KeyValueServer: cannot listen on 127.0.0.1 port {server.Port}: ", result.SingleErrorLine(), StringComparison.Ordinal);
    }
}
