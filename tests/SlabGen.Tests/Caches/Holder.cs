using SlabGen.Memory;

namespace SlabGen.Tests.Caches;

/// <summary>What a scenario holds, and may fail to get.</summary>
internal sealed class Holder(SlabRuntime runtime)
{
    private readonly List<(KmemCache? Cache, nint Address)> _held = [];

    public SlabRuntime Runtime => runtime;

    public KmemCache Cache(string name, int size, SlabCacheOptions? options = null) => runtime.CreateCache(name, size, options);

    public void Add(KmemCache cache, nint address) => _held.Add((cache, address));

    public void AddBlock(nint address) => _held.Add((null, address));

    public void Try(Action action)
    {
        try
        {
            action();
        }
        catch (OutOfMemoryException)
        {
        }
    }

    public nint Alloc(KmemCache cache)
    {
        if (cache.TryAlloc(out nint address))
        {
            Add(cache, address);
        }

        return address;
    }

    public void AllocBulk(KmemCache cache, int count)
    {
        nint[] addresses = new nint[count];
        Try(() =>
        {
            cache.AllocBulk(addresses);
            Array.ForEach(addresses, address => Add(cache, address));
        });
    }

    public SlabMoveReply Move(KmemCache cache, nint from, nint to)
    {
        int index = _held.IndexOf((cache, from));
        if (index < 0)
        {
            return SlabMoveReply.DontKnow;
        }

        _held[index] = (cache, to);
        return SlabMoveReply.Yes;
    }

    public void FreeSome(int count)
    {
        for (; count > 0 && _held.Count > 0; count--)
        {
            int index = (int)(count * 7L % _held.Count);
            (KmemCache? cache, nint address) = _held[index];
            _held[index] = _held[^1];
            _held.RemoveAt(_held.Count - 1);
            if (cache is null)
            {
                runtime.Kmalloc.Free(address);
            }
            else
            {
                cache.Free(address);
            }
        }
    }

    public void FreeAll() => FreeSome(int.MaxValue);
}
