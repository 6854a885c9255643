using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;

namespace SlabGen.AspNetCore.Tests;

/// <summary>Clients that behave badly get a closed connection, and leave nothing in slabs.</summary>
public sealed class TransportTests
{
    private static readonly byte[] s_get = "GET /plain HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray();

    private static async Task RunAsync(Func<LoopbackServer, Task> clients, bool isChecked = true)
    {
        using var runtime = new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = 128 << 20, Checked = isChecked });
        await using (LoopbackServer server = await LoopbackServer.StartAsync(tls: false, services => services.AddSingleton(runtime).AddSlabGenMemoryPool()))
        {
            await clients(server);
            Assert.Equal("Hello, World!", await server.Client.GetStringAsync("/plain", TestContext.Current.CancellationToken)); // others are served
        }

        runtime.Close(); // throws if a buffer is left
    }

    private static async Task<Socket> ConnectAsync(LoopbackServer server, int? bufferSize = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        if (bufferSize is { } size)
        {
            socket.SendBufferSize = socket.ReceiveBufferSize = size;
        }

        await socket.ConnectAsync(IPAddress.Loopback, server.Port, TestContext.Current.CancellationToken);
        return socket;
    }

    private static async Task<string> ReadToEndAsync(Socket socket)
    {
        var text = new StringBuilder();
        byte[] buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken) is > 0 and int bytes)
        {
            text.Append(Encoding.ASCII.GetString(buffer, 0, bytes));
        }

        return text.ToString();
    }

    [Fact]
    public Task A_client_that_shuts_its_half_down_is_closed() => RunAsync(async server =>
    {
        using Socket socket = await ConnectAsync(server);
        await socket.SendAsync(s_get);
        byte[] buffer = new byte[4096];
        string reply = "";
        while (!reply.EndsWith("Hello, World!\r\n0\r\n\r\n", StringComparison.Ordinal)) // in chunks
        {
            int bytes = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
            Assert.NotEqual(0, bytes);
            reply += Encoding.ASCII.GetString(buffer, 0, bytes);
        }

        socket.Shutdown(SocketShutdown.Send);
        Assert.Equal("", await ReadToEndAsync(socket));
    });

    [Fact]
    public Task Malformed_input_is_answered_and_closed() => RunAsync(async server =>
    {
        using Socket socket = await ConnectAsync(server);
        await socket.SendAsync("\0\0 nonsense\r\n\r\n"u8.ToArray());
        Assert.StartsWith("HTTP/1.1 400", await ReadToEndAsync(socket), StringComparison.Ordinal);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task Clients_that_vanish_in_the_middle_leave_nothing(bool isChecked) => RunAsync(async server =>
    {
        byte[] start = Encoding.ASCII.GetBytes("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n" + new string('x', 50_000));
        for (int i = 0; i < 50; i++)
        {
            using Socket socket = await ConnectAsync(server);
            socket.LingerState = new LingerOption(enable: i % 2 == 0, 0); // a reset, or an end
            await socket.SendAsync(start.AsMemory(0, start.Length / (1 + (i % 5))));
        }
    }, isChecked);

    [Fact]
    public Task A_client_that_does_not_read_is_held_up_and_can_be_cut_off() => RunAsync(async server =>
    {
        using Socket socket = await ConnectAsync(server, 64 << 10); // some systems let a buffer grow to more than is sent here
        await socket.SendAsync(Encoding.ASCII.GetBytes("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 29000000\r\n\r\n"));
        socket.Blocking = false;
        byte[] piece = new byte[64 << 10];
        long sent = 0;
        for (int idle = 0; idle < 20;)
        {
            // It echoes until its client's window is full, and reads no more then.
            int bytes = socket.Send(piece, SocketFlags.None, out SocketError error);
            Assert.True(error is SocketError.Success or SocketError.WouldBlock, $"{error}");
            sent += bytes;
            Assert.True(sent < 29_000_000 - (64 << 10), "nothing held the client up");
            if (error == SocketError.WouldBlock)
            {
                idle++;
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
            else
            {
                idle = 0;
            }
        }

        socket.LingerState = new LingerOption(enable: true, 0);
    });

    [Fact]
    public Task The_server_ends_while_clients_are_connected() => RunAsync(async server =>
    {
        for (int i = 0; i < 20; i++)
        {
            Socket socket = await ConnectAsync(server); // left open
            await socket.SendAsync(s_get.AsMemory(0, i));
        }
    });

    [Fact]
    public async Task A_port_in_use_is_told()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        int port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        IOException error = await Assert.ThrowsAsync<IOException>(() => LoopbackServer.StartAsync(tls: false, services => services.AddSlabGenMemoryPool(), port: port));
        Assert.Contains("address already in use", error.Message, StringComparison.OrdinalIgnoreCase);
    }
}
