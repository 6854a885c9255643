namespace SlabGen.Fuzz;

/// <summary>Reads decisions off bytes. Behind the last byte everything is 0, so that any bytes are a script.</summary>
public sealed class ScriptReader(byte[] bytes)
{
    private int _at;

    public bool IsAtEnd => _at >= bytes.Length;

    public int Byte() => _at < bytes.Length ? bytes[_at++] : 0;

    /// <summary>A number below <paramref name="count"/>.</summary>
    public int Below(int count) => count <= 256 ? Byte() % count : ((Byte() << 8) | Byte()) % count;

    public bool OneIn(int count) => Byte() % count == count - 1;

    public T Any<T>(params ReadOnlySpan<T> values) => values[Below(values.Length)];

    public long Long()
    {
        long value = 0;
        for (int i = 0; i < 8; i++)
        {
            value = (value << 8) | (uint)Byte();
        }

        return value;
    }

    /// <summary>A number as errors like them: at an edge of a type or a page, else small or anything.</summary>
    public long Odd() => Below(4) switch
    {
        0 => Any(0L, 1, -1, int.MaxValue, int.MinValue, long.MaxValue, long.MinValue, 4095, 4096, 4097, 1L << 22, (1L << 22) + 1, 1L << 32),
        1 => Byte(),
        2 => Below(65536),
        _ => Long(),
    };
}
