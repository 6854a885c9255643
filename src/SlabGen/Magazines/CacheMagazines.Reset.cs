using SlabGen.CompilerServices;
using SlabGen.Memory;

namespace SlabGen.Magazines;

// The moment when a cache becomes empty.
internal sealed partial class CacheMagazines
{
    /// <summary>
    /// Frees every object except those that had to be left in a magazine. The cache was drained just before.
    /// </summary>
    /// <param name="clear">Whether live objects are cleared.</param>
    /// <param name="committed">Called, with all gates held, when it is certain that the objects go.</param>
    /// <returns>The number of live objects.</returns>
    /// <remarks>
    /// Nothing is on its way at this moment, because a thread that takes home holds the drain lock or a gate. All gates
    /// are held, as in <see cref="Validate"/>. So a thread that breaks the contract comes before, and is seen, or
    /// after; but not one that is in the middle of its fast path all the while.
    /// </remarks>
    /// <exception cref="InvalidOperationException">A thread has used the cache since it was drained.</exception>
    public long Reset(bool clear, Action committed)
    {
        using UninterruptibleLock.Scope draining = _drainLock.Hold();
        using UninterruptibleLock.Scope alone = _validating.Hold();
        ThreadCache[] threads = _threads.ToArray();
        var left = new HashSet<nint>();
        int held = 0;
        try
        {
            for (; held < threads.Length; held++)
            {
                threads[held].Gate.Enter();
                if (threads[held].IsOpen)
                {
                    int user = threads[held++].Owner.Id; // its gate is held
                    throw new InvalidOperationException($"Cache '{Slabs.Name}': thread {user} used it while thread {Environment.CurrentManagedThreadId} was in Reset. Nothing was freed.");
                }

                threads[held].AddLeftHeldTo(left);
            }

            ThrowIfClosed();
            committed();
            return Slabs.Reset(left, clear);
        }
        finally
        {
            while (held > 0)
            {
                threads[--held].Gate.Exit();
            }
        }
    }
}
