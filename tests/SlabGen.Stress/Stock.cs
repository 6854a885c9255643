using System.Collections.Concurrent;

namespace SlabGen.Stress;

/// <summary>An object that somebody owns.</summary>
internal readonly record struct Held(Kind Of, nint Address, ulong Stamp);

/// <summary>The objects that one worker owns, or handed over to whoever comes next: all of them stamped.</summary>
internal sealed class Stock
{
    private readonly List<Held> _held = [];

    public int Count => _held.Count;

    public long Bytes { get; private set; }

    public void Accept(Worker worker, Kind of, nint address, bool isZeroed = false)
    {
        of.CheckNew(address, isZeroed);
        ulong stamp = worker.NewStamp();
        Stamp.Write(address, of.Size, stamp);
        Add(new Held(of, address, stamp));
        worker.Crew.Round.Sightings.Add(address);
    }

    /// <summary>Checks one object, and that the runtime calls it live.</summary>
    public void CheckOne(Worker worker)
    {
        if (_held.Count > 0)
        {
            Held held = _held[worker.Random.Next(_held.Count)];
            worker.Journal.Note("checks", held.Of.Cache.Name, held.Address);
            Stamp.Check(held.Address, held.Of.Size, held.Stamp, held.Of.Cache.Name);
            AddressInfo info = held.Of.Cache.Describe(held.Address);
            if (info.Kind != AddressKind.LiveObject || info.Start != held.Address || info.Cache != held.Of.Cache)
            {
                throw new StressException($"{held.Of.Cache.Name}: 0x{held.Address:x} is live, and Describe says: {info}");
            }
        }
    }

    /// <summary>Frees one object, in one of the ways to.</summary>
    public void FreeOne(Worker worker)
    {
        Held held = Take(worker.Random);
        int way = worker.Random.Next(16);
        worker.Journal.Note(way switch { 0 => "defers a free", 1 => "frees by Kmalloc", _ => "frees" }, held.Of.Cache.Name, held.Address);
        Leave(held);
        try
        {
            switch (way)
            {
                case 0:
                    held.Of.Cache.FreeDeferred(held.Address);
                    break;
                case 1:
                    worker.Crew.Runtime.Kmalloc.Free(held.Address); // which takes the objects of any cache
                    break;
                default:
                    held.Of.Cache.Free(held.Address);
                    break;
            }
        }
        catch (Exception error) when (held.Of.MayThrowInFree(error))
        {
        }
    }

    /// <summary>Frees several objects of one cache at once.</summary>
    public void FreeBulk(Worker worker, int most)
    {
        Held first = Take(worker.Random);
        List<nint> addresses = [first.Address];
        Leave(first);
        for (int i = _held.Count - 1; i >= 0 && addresses.Count < most; i--)
        {
            if (_held[i].Of == first.Of)
            {
                Held next = TakeAt(i);
                Leave(next);
                addresses.Add(next.Address);
            }
        }

        worker.Journal.Note($"frees {addresses.Count}", first.Of.Cache.Name, first.Address);
        try
        {
            first.Of.Cache.FreeBulk(addresses.ToArray());
        }
        catch (Exception error) when (first.Of.MayThrowInFree(error))
        {
        }
    }

    public void FreeAll(Worker worker)
    {
        while (_held.Count > 0)
        {
            FreeBulk(worker, 64);
        }
    }

    /// <summary>Hands one object to whoever takes it from a queue, or takes one.</summary>
    public void Trade(Worker worker, ConcurrentQueue<Held> queue)
    {
        if (queue.Count < 500 && _held.Count > 0 && worker.OneIn(2))
        {
            queue.Enqueue(Take(worker.Random));
        }
        else if (queue.TryDequeue(out Held theirs))
        {
            Add(theirs);
        }
    }

    public void Add(Held held)
    {
        _held.Add(held);
        Bytes += held.Of.Size;
    }

    private static void Leave(Held held)
    {
        Stamp.Check(held.Address, held.Of.Size, held.Stamp, held.Of.Cache.Name);
        held.Of.Leave(held.Address);
    }

    private Held Take(Random random) => TakeAt(random.Next(_held.Count));

    private Held TakeAt(int index)
    {
        Held held = _held[index];
        _held[index] = _held[^1];
        _held.RemoveAt(_held.Count - 1);
        Bytes -= held.Of.Size;
        return held;
    }
}
