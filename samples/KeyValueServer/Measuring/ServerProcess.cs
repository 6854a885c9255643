using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace KeyValueServer.Measuring;

/// <summary>A server in a process of its own.</summary>
internal sealed class ServerProcess : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly Process _process;

    private ServerProcess(string name, Process process, int port)
    {
        Name = name;
        _process = process;
        Port = port;
    }

    public string Name { get; }

    public int Port { get; }

    /// <summary>Starts this program.</summary>
    public static ServerProcess Start(string name, params string[] arguments)
    {
        // Under `dotnet KeyValueServer.dll` the process is dotnet, which must be told what to run.
        string program = Environment.ProcessPath!;
        string[] assembly = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [typeof(ServerProcess).Assembly.Location] : [];
        Process process = Process.Start(new ProcessStartInfo(program, [.. assembly, "--port", "0", .. arguments]) { RedirectStandardOutput = true })!;
        string? line = process.StandardOutput.ReadLine();
        return line?.Split("port ") is [_, var rest]
            ? new ServerProcess(name, process, int.Parse(rest.Split('.')[0], CultureInfo.InvariantCulture))
            : throw new SampleException($"the server of {name} did not start", 1);
    }

    /// <summary>Starts redis-server, if there is one.</summary>
    public static ServerProcess? TryStartRedis()
    {
        int port = FreePort();
        string[] arguments = ["--port", $"{port}", "--save", "", "--appendonly", "no", "--dir", Path.GetTempPath(), "--loglevel", "warning"];
        Process process;
        try
        {
            process = Process.Start(new ProcessStartInfo("redis-server", arguments) { RedirectStandardOutput = true })!;
        }
        catch (Win32Exception)
        {
            return null; // not installed
        }

        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        for (long start = Stopwatch.GetTimestamp(); ; Thread.Sleep(50))
        {
            try
            {
                using var client = new RedisClient(port);
                return new ServerProcess("redis", process, port);
            }
            catch (SocketException) when (Stopwatch.GetElapsedTime(start) < s_patience && !process.HasExited)
            {
                // Not yet.
            }
        }
    }

    /// <summary>Ends it, and sees how it ended.</summary>
    public void Stop()
    {
        using (var client = new RedisClient(Port))
        {
            client.Send("SHUTDOWN NOSAVE");
        }

        if (!_process.WaitForExit(s_patience) || _process.ExitCode != 0)
        {
            throw new SampleException($"the server of {Name} did not end well", 1);
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
