using System.Runtime.InteropServices;

namespace SlabGen.Tests.Model.Words;

/// <summary>The sizes of a <see cref="World"/>.</summary>
internal sealed record Shape(int Words, int Locks, int Threads, int Own)
{
    public const int Buffer = 4, ThreadBytes = 4 + 1 + (2 * Buffer);

    private readonly Dictionary<long, byte> _numbers = [];
    private readonly List<long> _values = [];

    public int FirstLock => Words;

    public int FirstThread => Words + Locks;

    public int FirstOwn => FirstThread + (Threads * ThreadBytes);

    public int Bytes => FirstOwn + Own;

    /// <summary>Values are addresses of the process; a world holds a number for each, by the order in which they came up.</summary>
    public byte NumberOf(long value)
    {
        if (!_numbers.TryGetValue(value, out byte number))
        {
            number = checked((byte)_values.Count);
            _numbers.Add(value, number);
            _values.Add(value);
        }

        return number;
    }

    public long ValueOf(byte number) => _values[number];
}

/// <summary>One state: memory as all see it, locks, where each thread stands, its store buffer, and what the scenario adds.</summary>
internal sealed class World(Shape shape, byte[] bytes) : IEquatable<World>
{
    private const byte IsRelease = 0x80;

    public World(Shape shape)
        : this(shape, new byte[shape.Bytes])
    {
    }

    /// <summary>The scenario's bytes.</summary>
    public Span<byte> Own => bytes.AsSpan(shape.FirstOwn);

    public World Copy() => new(shape, (byte[])bytes.Clone());

    public long Get(int word) => shape.ValueOf(bytes[word]);

    public void Set(int word, long value) => bytes[word] = shape.NumberOf(value);

    /// <summary>0, or 1 + the thread that holds the lock.</summary>
    public ref byte Holder(int gate) => ref bytes[shape.FirstLock + gate];

    public ref int Node(int thread) => ref MemoryMarshal.AsRef<int>(Thread(thread));

    public int Stores(int thread) => Thread(thread)[4];

    /// <summary>A thread sees its own stores at once.</summary>
    public long Load(int thread, int word)
    {
        Span<byte> own = Thread(thread);
        for (int i = own[4] - 1; i >= 0; i--)
        {
            if ((own[5 + (2 * i)] & ~IsRelease) == word)
            {
                return shape.ValueOf(own[6 + (2 * i)]);
            }
        }

        return Get(word);
    }

    public void Store(int thread, int word, long value, bool release)
    {
        Span<byte> own = Thread(thread);
        int at = 5 + (2 * own[4]++);
        own[at] = (byte)(word | (release ? IsRelease : 0));
        own[at + 1] = shape.NumberOf(value);
    }

    /// <summary>Whether a store may become visible now. In order: the oldest only. Else: unless it is a release, or an older one is to the same word.</summary>
    public bool MayLeave(int thread, int index, bool inOrder)
    {
        Span<byte> own = Thread(thread);
        if (index == 0)
        {
            return true;
        }

        if (inOrder || (own[5 + (2 * index)] & IsRelease) != 0)
        {
            return false;
        }

        for (int i = 0; i < index; i++)
        {
            if ((own[5 + (2 * i)] & ~IsRelease) == own[5 + (2 * index)])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A store becomes visible.</summary>
    /// <returns>The word.</returns>
    public int Drain(int thread, int index)
    {
        Span<byte> own = Thread(thread);
        int word = own[5 + (2 * index)] & ~IsRelease;
        bytes[word] = own[6 + (2 * index)];
        own[(7 + (2 * index))..].CopyTo(own[(5 + (2 * index))..]);
        own[^2..].Clear();
        own[4]--;
        return word;
    }

    public bool Equals(World? other) => bytes.AsSpan().SequenceEqual(other!.Bytes);

    public override bool Equals(object? obj) => Equals(obj as World);

    public override int GetHashCode()
    {
        ulong hash = 14695981039346656037;
        ReadOnlySpan<ulong> whole = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ulong eight in whole)
        {
            hash = (hash ^ eight) * 0x9E3779B97F4A7C15;
            hash ^= hash >> 29;
        }

        foreach (byte rest in bytes.AsSpan(whole.Length * 8))
        {
            hash = (hash ^ rest) * 1099511628211;
        }

        return (int)(hash ^ (hash >> 32));
    }

    private ReadOnlySpan<byte> Bytes => bytes;

    private Span<byte> Thread(int thread) => bytes.AsSpan(shape.FirstThread + (thread * Shape.ThreadBytes), Shape.ThreadBytes);
}
