using System.Buffers.Text;
using System.IO.Pipelines;
using System.Text;

namespace KeyValueServer.Protocol;

/// <summary>
/// Writes replies into a pipe, in RESP2 or RESP3. When unsent replies are more than the budget has room for, nothing more is written,
/// and the connection must be closed: what is written then is not a whole reply.
/// </summary>
internal sealed class Reply(PipeWriter writer, BufferBudget budget)
{
    private const int LongestNumber = 32;
    private const int CopiedAtOnce = 8 * 1024;

    private BufferCharge _charge = new(budget);

    /// <summary>3 after the client has said HELLO 3.</summary>
    public int Version { get; set; } = 2;

    public bool IsOverBudget { get; private set; }

    public long Unsent => writer.UnflushedBytes;

    /// <summary>Replies have been sent, or the connection is closed: they are charged no more.</summary>
    public void Sent() => _charge.Release();

    public void Ok() => Raw("+OK\r\n"u8);

    public void Simple(string text) => Raw(Encoding.UTF8.GetBytes($"+{text}\r\n"));

    public void Raw(ReadOnlySpan<byte> bytes)
    {
        if (HasRoom(bytes.Length))
        {
            bytes.CopyTo(writer.GetSpan(bytes.Length));
            writer.Advance(bytes.Length);
        }
    }

    /// <param name="text">What a client sent may be in it: it stays one line, and short.</param>
    public void Error(string text)
    {
        string line = string.Concat(text.Select(static c => char.IsControl(c) ? '?' : c));
        Raw(Encoding.UTF8.GetBytes($"-{(line.Length > 300 ? line[..300] : line)}\r\n"));
    }

    public void Integer(long value) => Header((byte)':', value);

    public void Array(int count) => Header((byte)'*', count);

    /// <summary>So many pairs follow: in RESP2 an array of twice as many.</summary>
    public void Map(int count) => Header(Version == 3 ? (byte)'%' : (byte)'*', Version == 3 ? count : count * 2L);

    public void Null() => Raw(Version == 3 ? "_\r\n"u8 : "$-1\r\n"u8);

    public void NullArray() => Raw(Version == 3 ? "_\r\n"u8 : "*-1\r\n"u8);

    public void Bulk(string text) => Bulk(Encoding.UTF8.GetBytes(text));

    public void Bulk(ReadOnlySpan<byte> value)
    {
        if (!HasRoom(LongestNumber + value.Length))
        {
            return;
        }

        if (value.Length > CopiedAtOnce)
        {
            Header((byte)'$', value.Length);
            for (; value.Length > CopiedAtOnce; value = value[CopiedAtOnce..])
            {
                Raw(value[..CopiedAtOnce]);
            }

            Raw(value);
            Raw("\r\n"u8);
            return;
        }

        Span<byte> span = writer.GetSpan(LongestNumber + value.Length);
        int length = Write(span, (byte)'$', value.Length);
        value.CopyTo(span[length..]);
        length += value.Length;
        "\r\n"u8.CopyTo(span[length..]);
        writer.Advance(length + 2);
    }

    private void Header(byte kind, long value)
    {
        if (HasRoom(LongestNumber))
        {
            writer.Advance(Write(writer.GetSpan(LongestNumber), kind, value));
        }
    }

    private static int Write(Span<byte> span, byte kind, long value)
    {
        span[0] = kind;
        int length;
        if ((ulong)value < 10)
        {
            span[1] = (byte)('0' + value);
            length = 1;
        }
        else
        {
            Utf8Formatter.TryFormat(value, span[1..], out length);
        }

        "\r\n"u8.CopyTo(span[(1 + length)..]);
        return length + 3;
    }

    private bool HasRoom(int bytes)
    {
        IsOverBudget |= !_charge.TryCover(Unsent + bytes);
        return !IsOverBudget;
    }
}
