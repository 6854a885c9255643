namespace KeyValueServer.Objects;

/// <summary>A key and what is stored under it: a byte array, a list of them, or a dictionary of them.</summary>
internal sealed class ObjectEntry(byte[] key, int index)
{
    public byte[] Key { get; } = key;

    public object Content { get; set; } = Array.Empty<byte>();

    public long ExpiresAt { get; set; }

    public int Index { get; set; } = index;

    public uint LastUse { get; set; }

    /// <summary>Of the values, for the count of what is used.</summary>
    public int Bytes { get; set; }

    public Kind Kind => Content switch
    {
        byte[] => Kind.String,
        LinkedList<byte[]> => Kind.List,
        _ => Kind.Hash,
    };
}
