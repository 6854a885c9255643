using KeyValueServer.Protocol;

namespace KeyValueServer.Objects;

// Lists and hashes. One that is empty is removed.
internal sealed partial class ObjectKeyspace
{
    private const int ElementOverhead = 72; // a node of a list, or an entry of a dictionary, and the header of an array, about

    public Outcome Push(ReadOnlySpan<byte> key, bool first, ReadOnlySpan<byte> value, out int length)
    {
        length = 0;
        if (!TryFind(key, out ObjectEntry? entry))
        {
            entry = Add(key);
            entry.Content = new LinkedList<byte[]>();
        }

        if (entry.Content is not LinkedList<byte[]> list)
        {
            return Outcome.WrongType;
        }

        if (first)
        {
            list.AddFirst(value.ToArray());
        }
        else
        {
            list.AddLast(value.ToArray());
        }

        Charge(entry, ElementOverhead + value.Length);
        length = list.Count;
        return Outcome.Done;
    }

    public void Drop(ReadOnlySpan<byte> key, bool first)
    {
        if (Find(key, out ObjectEntry? entry, out LinkedList<byte[]>? list) == Outcome.Done)
        {
            LinkedListNode<byte[]> node = (first ? list!.First : list!.Last)!;
            list.Remove(node);
            Charge(entry!, -ElementOverhead - node.Value.Length);
            if (list.Count == 0)
            {
                Remove(entry!);
            }
        }
    }

    public Outcome ListLength(ReadOnlySpan<byte> key, out int length)
    {
        Outcome outcome = Find(key, out _, out LinkedList<byte[]>? list);
        length = list?.Count ?? 0;
        return outcome;
    }

    public void WriteRange(ReadOnlySpan<byte> key, int from, int count, Reply reply)
    {
        if (Find(key, out _, out LinkedList<byte[]>? list) == Outcome.Done)
        {
            LinkedListNode<byte[]>? node = from < list!.Count / 2 ? list.First : list.Last;
            for (int i = 0; from < list.Count / 2 && i < from; i++)
            {
                node = node!.Next;
            }

            for (int i = list.Count - 1; from >= list.Count / 2 && i > from; i--)
            {
                node = node!.Previous;
            }

            for (int i = 0; i < count; i++, node = node.Next)
            {
                reply.Bulk(node!.Value);
            }
        }
    }

    public Outcome SetField(ReadOnlySpan<byte> key, ReadOnlySpan<byte> field, ReadOnlySpan<byte> value, out bool added)
    {
        added = false;
        if (!TryFind(key, out ObjectEntry? entry))
        {
            entry = Add(key);
            entry.Content = new Dictionary<byte[], byte[]>(ByteComparer.Instance);
        }

        if (entry.Content is not Dictionary<byte[], byte[]> fields)
        {
            return Outcome.WrongType;
        }

        Dictionary<byte[], byte[]>.AlternateLookup<ReadOnlySpan<byte>> byName = fields.GetAlternateLookup<ReadOnlySpan<byte>>();
        added = !byName.TryGetValue(field, out byte[]? old);
        byName[field] = value.ToArray();
        Charge(entry, added ? ElementOverhead + field.Length + value.Length : value.Length - old!.Length);
        return Outcome.Done;
    }

    public Outcome GetField(ReadOnlySpan<byte> key, ReadOnlySpan<byte> field, out ReadOnlySpan<byte> value)
    {
        value = default;
        Outcome outcome = Find(key, out _, out Dictionary<byte[], byte[]>? fields);
        if (outcome == Outcome.Done)
        {
            if (!fields!.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(field, out byte[]? found))
            {
                return Outcome.Missing;
            }

            value = found;
        }

        return outcome;
    }

    public Outcome RemoveField(ReadOnlySpan<byte> key, ReadOnlySpan<byte> field)
    {
        Outcome outcome = Find(key, out ObjectEntry? entry, out Dictionary<byte[], byte[]>? fields);
        if (outcome != Outcome.Done)
        {
            return outcome;
        }

        if (!fields!.GetAlternateLookup<ReadOnlySpan<byte>>().Remove(field, out byte[]? name, out byte[]? value))
        {
            return Outcome.Missing;
        }

        Charge(entry!, -ElementOverhead - name.Length - value.Length);
        if (fields.Count == 0)
        {
            Remove(entry!);
        }

        return Outcome.Done;
    }

    public Outcome FieldCount(ReadOnlySpan<byte> key, out int count)
    {
        Outcome outcome = Find(key, out _, out Dictionary<byte[], byte[]>? fields);
        count = fields?.Count ?? 0;
        return outcome;
    }

    public void WriteFields(ReadOnlySpan<byte> key, Parts parts, Reply reply)
    {
        if (Find(key, out _, out Dictionary<byte[], byte[]>? fields) != Outcome.Done)
        {
            return;
        }

        foreach ((byte[] name, byte[] value) in fields!)
        {
            if (parts.HasFlag(Parts.Names))
            {
                reply.Bulk(name);
            }

            if (parts.HasFlag(Parts.Values))
            {
                reply.Bulk(value);
            }
        }
    }

    private void Charge(ObjectEntry entry, int bytes)
    {
        entry.Bytes += bytes;
        UsedBytes += bytes;
    }

    private Outcome Find<T>(ReadOnlySpan<byte> key, out ObjectEntry? entry, out T? content)
        where T : class
    {
        content = null;
        if (!TryFind(key, out entry))
        {
            return Outcome.Missing;
        }

        content = entry.Content as T;
        return content is null ? Outcome.WrongType : Outcome.Done;
    }
}
