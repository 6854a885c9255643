using SlabGen.CompilerServices;
using SlabGen.Memory;

namespace SlabGen.Magazines;

// Counts the invariants that do not hold.
internal sealed partial class CacheMagazines
{
    /// <summary>Counts the violated invariants of the magazines and the slabs.</summary>
    /// <remarks>
    /// <para>It holds all gates at once, as only Reset does besides, then all depots, then the list lock. So no object
    /// moves, except by the one operation that each thread may have in flight on its fast path. An object that is
    /// counted in a magazine stays there while this runs. It does not look at what is on the way between two places,
    /// such as a magazine that is being emptied, or a thread that came meanwhile.</para>
    /// <para>No deadlock is possible: a thread that holds a gate waits for no other gate, and only one thread at a time
    /// is here.</para>
    /// </remarks>
    public void Validate(ValidationReport report)
    {
        using (_validating.Hold())
        {
            ThreadCache[] threads = _threads.ToArray();
            int shut = 0;
            try
            {
                for (; shut < threads.Length; shut++)
                {
                    threads[shut].Gate.Enter();
                    threads[shut].Shut();
                }

                if (!IsUnmapped)
                {
                    Interlocked.MemoryBarrierProcessWide();
                    ValidateShut(report, threads);
                }
            }
            finally
            {
                while (shut > 0)
                {
                    threads[--shut].Open();
                    threads[shut].Gate.Exit();
                }
            }
        }
    }

    private void ValidateShut(ValidationReport report, ThreadCache[] threads)
    {
        report.Subject = $"Cache '{Slabs.Name}'";
        var cached = new CachedObjects(report);
        foreach (ThreadCache thread in threads)
        {
            thread.Validate(report, cached);
        }

        ValidateDepots(report, cached, 0);
    }

    private void ValidateDepots(ValidationReport report, CachedObjects cached, int first)
    {
        if (first == _depots.Length)
        {
            Slabs.Validate(report, cached.Addresses);
            return;
        }

        using (_depots[first].Hold())
        {
            _depots[first].Validate(report, cached);
            ValidateDepots(report, cached, first + 1);
        }
    }
}
