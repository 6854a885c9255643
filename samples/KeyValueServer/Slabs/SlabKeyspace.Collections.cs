using KeyValueServer.Protocol;
using SlabGen;
using SlabGen.Collections;

namespace KeyValueServer.Slabs;

// Lists and hashes. One that is empty is removed.
internal sealed partial class SlabKeyspace
{
    public Outcome Push(ReadOnlySpan<byte> key, bool first, ReadOnlySpan<byte> value, out int length)
    {
        length = 0;
        uint hash = KeyHash.Of(key);
        if (TryFind(key, hash, out EntryPtr entry))
        {
            if (entry.Value.Kind != Kind.List)
            {
                return Outcome.WrongType;
            }

            if (!entry.Value.List.Value.TryPush(first, value))
            {
                return Outcome.OutOfMemory;
            }
        }
        else
        {
            if (!ListHead.TryCreate(out SlabPtr<ListHead> list))
            {
                return Outcome.OutOfMemory;
            }

            if (!list.Value.TryPush(first, value) || !Entry.TryCreate(key, hash, list, out entry))
            {
                ListHead.Free(list);
                return Outcome.OutOfMemory;
            }

            entry.Value.LastUse = Clock;
            _table.Value.Add(entry);
        }

        length = entry.Value.List.Value.Count;
        return Outcome.Done;
    }

    public void Drop(ReadOnlySpan<byte> key, bool first)
    {
        if (FindList(key, out EntryPtr entry) == Outcome.Done)
        {
            ref ListHead list = ref entry.Value.List.Value;
            list.Remove(first ? list.Elements.First : list.Elements.Last);
            if (list.Count == 0)
            {
                Remove(entry);
            }
        }
    }

    public Outcome ListLength(ReadOnlySpan<byte> key, out int length)
    {
        Outcome outcome = FindList(key, out EntryPtr entry);
        length = outcome == Outcome.Done ? entry.Value.List.Value.Count : 0;
        return outcome;
    }

    public void WriteRange(ReadOnlySpan<byte> key, int from, int count, Reply reply)
    {
        if (FindList(key, out EntryPtr entry) == Outcome.Done)
        {
            ElementPtr element = entry.Value.List.Value.At(from);
            for (int i = 0; i < count; i++, element = SlabLinkedList<Element, InList>.NextOf(element))
            {
                reply.Bulk(element.Value.Value);
            }
        }
    }

    public Outcome SetField(ReadOnlySpan<byte> key, ReadOnlySpan<byte> field, ReadOnlySpan<byte> value, out bool added)
    {
        added = false;
        uint keyHash = KeyHash.Of(key);
        uint fieldHash = KeyHash.Of(field);
        if (!TryFind(key, keyHash, out EntryPtr entry))
        {
            return AddHash(key, keyHash, field, fieldHash, value, ref added);
        }

        if (entry.Value.Kind != Kind.Hash)
        {
            return Outcome.WrongType;
        }

        ref Table fields = ref entry.Value.Fields.Value;
        if (fields.TryFind(field, fieldHash, out EntryPtr found))
        {
            if (!found.Value.TryResize(value.Length))
            {
                return Outcome.OutOfMemory;
            }
        }
        else if (Entry.TryCreate(field, fieldHash, value.Length, out found))
        {
            fields.Add(found);
            added = true;
        }
        else
        {
            return Outcome.OutOfMemory;
        }

        value.CopyTo(found.Value.Value);
        return Outcome.Done;
    }

    public Outcome GetField(ReadOnlySpan<byte> key, ReadOnlySpan<byte> field, out ReadOnlySpan<byte> value)
    {
        value = default;
        Outcome outcome = FindHash(key, out EntryPtr entry);
        if (outcome == Outcome.Done)
        {
            if (!entry.Value.Fields.Value.TryFind(field, KeyHash.Of(field), out EntryPtr found))
            {
                return Outcome.Missing;
            }

            value = found.Value.Value;
        }

        return outcome;
    }

    public Outcome RemoveField(ReadOnlySpan<byte> key, ReadOnlySpan<byte> field)
    {
        Outcome outcome = FindHash(key, out EntryPtr entry);
        if (outcome != Outcome.Done)
        {
            return outcome;
        }

        ref Table fields = ref entry.Value.Fields.Value;
        if (!fields.TryFind(field, KeyHash.Of(field), out EntryPtr found))
        {
            return Outcome.Missing;
        }

        fields.Remove(found);
        Entry.Free(found);
        if (fields.Count == 0)
        {
            Remove(entry);
        }

        return Outcome.Done;
    }

    public Outcome FieldCount(ReadOnlySpan<byte> key, out int count)
    {
        Outcome outcome = FindHash(key, out EntryPtr entry);
        count = outcome == Outcome.Done ? entry.Value.Fields.Value.Count : 0;
        return outcome;
    }

    public void WriteFields(ReadOnlySpan<byte> key, Parts parts, Reply reply)
    {
        if (FindHash(key, out EntryPtr entry) != Outcome.Done)
        {
            return;
        }

        ref Table fields = ref entry.Value.Fields.Value;
        for (int b = 0; b < fields.Buckets; b++)
        {
            for (EntryPtr field = fields.Bucket(b); !field.IsNull; field = field.Value.Next)
            {
                if (parts.HasFlag(Parts.Names))
                {
                    reply.Bulk(field.Value.Key);
                }

                if (parts.HasFlag(Parts.Values))
                {
                    reply.Bulk(field.Value.Value);
                }
            }
        }
    }

    private Outcome AddHash(
        ReadOnlySpan<byte> key, uint keyHash, ReadOnlySpan<byte> field, uint fieldHash, ReadOnlySpan<byte> value, ref bool added)
    {
        if (!Table.TryCreate(out SlabPtr<Table> fields))
        {
            return Outcome.OutOfMemory;
        }

        if (Entry.TryCreate(field, fieldHash, value.Length, out EntryPtr first))
        {
            value.CopyTo(first.Value.Value);
            fields.Value.Add(first);
            if (Entry.TryCreate(key, keyHash, fields, out EntryPtr entry))
            {
                entry.Value.LastUse = Clock;
                _table.Value.Add(entry);
                added = true;
                return Outcome.Done;
            }
        }

        Table.Free(fields);
        return Outcome.OutOfMemory;
    }

    private Outcome FindList(ReadOnlySpan<byte> key, out EntryPtr entry) => Find(key, Kind.List, out entry);

    private Outcome FindHash(ReadOnlySpan<byte> key, out EntryPtr entry) => Find(key, Kind.Hash, out entry);

    private Outcome Find(ReadOnlySpan<byte> key, Kind kind, out EntryPtr entry) =>
        !TryFind(key, out entry) ? Outcome.Missing : entry.Value.Kind == kind ? Outcome.Done : Outcome.WrongType;
}
