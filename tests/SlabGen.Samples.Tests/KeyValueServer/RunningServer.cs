using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SlabGen.Samples.Tests.KeyValueServer;

/// <summary>The server as a process, on a port of its own.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    private readonly Task<string> _error;

    private RunningServer(Process process, int port)
    {
        Process = process;
        Port = port;
        _error = process.StandardError.ReadToEndAsync();
    }

    public Process Process { get; }

    public int Port { get; }

    public static Task<RunningServer> StartAsync(params string[] arguments) => LaunchAsync(debug: null, arguments);

    /// <summary>Starts it unchecked, as a release build is: what checked mode remembers is garbage.</summary>
    public static Task<RunningServer> StartUncheckedAsync(params string[] arguments) => LaunchAsync("off", arguments);

    private static async Task<RunningServer> LaunchAsync(string? debug, string[] arguments)
    {
        string assembly = Path.Combine(AppContext.BaseDirectory, "KeyValueServer.dll");
        string[] all = ["exec", assembly, .. arguments.Contains("--port") ? arguments : ["--port", "0", .. arguments]];
        var start = new ProcessStartInfo("dotnet", all) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (debug is not null)
        {
            start.Environment["SLABGEN_DEBUG"] = debug;
        }

        Process process = Process.Start(start)!;
        string? line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(s_patience);
        if (line?.Split("port ") is not [_, var rest])
        {
            process.Kill();
            throw new InvalidOperationException($"no server: {await process.StandardError.ReadToEndAsync()}");
        }

        return new RunningServer(process, int.Parse(rest.Split('.')[0], CultureInfo.InvariantCulture));
    }

    public TestClient Connect() => new(Port);

    public string Ask(string command)
    {
        using TestClient client = Connect();
        return client.Ask(command);
    }

    public long Info(string section, string name) =>
        long.Parse(Ask($"INFO {section}").Split("\r\n").Single(line => line.StartsWith($"{name}:", StringComparison.Ordinal)).Split(':')[1], CultureInfo.InvariantCulture);

    /// <summary>Waits until a number of INFO is as it should be.</summary>
    public async Task UntilAsync(string section, string name, Func<long, bool> isRight)
    {
        using var patience = new CancellationTokenSource(s_patience);
        for (long value; !isRight(value = Info(section, name));)
        {
            Assert.False(patience.IsCancellationRequested, $"{name} is still {value}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Stops it. It must have complained of nothing, and have left nothing in slabs.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!Process.HasExited)
        {
            using (TestClient client = Connect())
            {
                client.Send("SHUTDOWN\r\n");
            }

            try
            {
                await Process.WaitForExitAsync().WaitAsync(s_patience);
            }
            catch (TimeoutException)
            {
                Process.Kill();
                throw;
            }

            Assert.Equal((0, ""), (Process.ExitCode, await _error));
        }

        Process.Dispose();
    }
}

/// <summary>A client that sends what it is told to.</summary>
internal sealed class TestClient : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly NetworkStream _network;
    private readonly BufferedStream _stream;

    public TestClient(int port)
    {
        _socket.SendTimeout = _socket.ReceiveTimeout = 180_000;
        _socket.Connect(IPAddress.Loopback, port);
        _network = new NetworkStream(_socket);
        _stream = new BufferedStream(_network);
    }

    public Socket Socket => _socket;

    public void Send(string bytes) => Send(Encoding.Latin1.GetBytes(bytes));

    public void Send(ReadOnlySpan<byte> bytes) => _network.Write(bytes);

    /// <summary>Sends a line; returns what is behind the type of a simple reply, or the bulk string.</summary>
    public string Ask(string command)
    {
        Send(command + "\r\n");
        return Read() ?? "";
    }

    /// <summary>One reply without arrays; an error as it came; null at the end.</summary>
    public string? Read()
    {
        string? line = ReadLine();
        if (line is null || line[0] != '$')
        {
            return line is ['-', ..] ? line : line?[1..];
        }

        int length = int.Parse(line.AsSpan(1), CultureInfo.InvariantCulture);
        if (length < 0)
        {
            return "(nil)";
        }

        byte[] bytes = new byte[length + 2];
        _stream.ReadExactly(bytes);
        return Encoding.UTF8.GetString(bytes, 0, length);
    }

    /// <summary>Whether the server has closed the connection, after at most one error.</summary>
    public bool IsClosedByServer(out string error)
    {
        error = "";
        try
        {
            while (Read() is { } reply)
            {
                error = reply;
            }

            return true;
        }
        catch (IOException exception) when (exception.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            return true;
        }
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }

    private string? ReadLine()
    {
        var line = new StringBuilder();
        for (int c; (c = _stream.ReadByte()) != '\n';)
        {
            if (c < 0)
            {
                return null;
            }

            line.Append((char)c);
        }

        return line.ToString().TrimEnd('\r');
    }
}
