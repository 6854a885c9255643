using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace KeyValueServer.Measuring;

/// <summary>Asks a server one thing at a time.</summary>
internal sealed class RedisClient : IDisposable
{
    private readonly TcpClient _client;
    private readonly Stream _stream;

    public RedisClient(int port)
    {
        _client = new TcpClient("127.0.0.1", port) { NoDelay = true, ReceiveTimeout = 60_000, SendTimeout = 60_000 };
        _stream = new BufferedStream(_client.GetStream());
    }

    public void Send(string command)
    {
        _stream.Write(Encoding.UTF8.GetBytes(command + "\r\n"));
        _stream.Flush();
    }

    /// <summary>The reply to a command that is answered by a line, a number or a bulk string.</summary>
    /// <exception cref="SampleException">The server answered by an error.</exception>
    public string Ask(string command)
    {
        Send(command);
        string line = ReadLine();
        if (line[0] == '-')
        {
            throw new SampleException($"'{command}' was answered by '{line}'", 1);
        }

        if (line[0] != '$')
        {
            return line[1..];
        }

        var bytes = new byte[int.Parse(line.AsSpan(1), CultureInfo.InvariantCulture) + 2];
        _stream.ReadExactly(bytes);
        return Encoding.UTF8.GetString(bytes.AsSpan(0, bytes.Length - 2));
    }

    /// <summary>The figures of a section of INFO.</summary>
    public Dictionary<string, long> Info(string section)
    {
        var figures = new Dictionary<string, long>();
        foreach (string line in Ask($"INFO {section}").Split("\r\n"))
        {
            if (line.Split(':') is [var name, var value] && long.TryParse(value, CultureInfo.InvariantCulture, out long number))
            {
                figures[name] = number;
            }
        }

        return figures;
    }

    public void Dispose()
    {
        _stream.Dispose();
        _client.Dispose();
    }

    private string ReadLine()
    {
        var line = new StringBuilder();
        for (int c; (c = _stream.ReadByte()) != '\n';)
        {
            line.Append(c >= 0 ? (char)c : throw new SampleException("the server closed the connection", 1));
        }

        return line.ToString().TrimEnd('\r');
    }
}
