using SlabGen.CompilerServices;
using SlabGen.Slabs;

namespace SlabGen.Magazines;

// The end of the cache, and what is left then.
internal sealed partial class CacheMagazines
{
    /// <summary>Ends the use of the cache: from now on no call takes or frees an object.</summary>
    /// <returns><see langword="false"/> when it had ended before.</returns>
    public bool TryClose()
    {
        if (Interlocked.Exchange(ref _isClosed, true))
        {
            return false;
        }

        _threads.Close();
        Slabs.Close();
        return true;
    }

    /// <summary>
    /// Called before the memory of the runtime is unmapped. When it returns, no thread here touches that memory any
    /// more.
    /// </summary>
    public void Unmap()
    {
        Volatile.Write(ref _isUnmapped, true);
        foreach (ThreadCache thread in _threads.ToArray())
        {
            using (thread.Gate.Hold())
            {
                thread.Disarm();
            }
        }
    }

    /// <summary>
    /// Called after the cache was closed and drained: lists the free objects that stayed with running threads.
    /// </summary>
    public HashSet<nint> ListLeft()
    {
        var left = new HashSet<nint>();
        foreach (ThreadCache thread in _threads.ToArray())
        {
            thread.AddLeftTo(left);
        }

        return left;
    }

    /// <summary>Whether any thread still has a magazine of this cache.</summary>
    public unsafe bool HasLoadedMagazine()
    {
        foreach (ThreadCache thread in _threads.ToArray())
        {
            using (thread.Gate.Hold())
            {
                if (thread.Loaded != null)
                {
                    return true;
                }
            }
        }

        return false;
    }

    public void ThrowIfClosed()
    {
        if (IsClosed)
        {
            Throw.Destroyed(Slabs.Name);
        }
    }
}
