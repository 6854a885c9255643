using SlabGen.CompilerServices;
using SlabGen.Memory;

namespace SlabGen.Magazines;

// The moment in which a cache becomes empty.
internal sealed partial class CacheMagazines
{
    /// <summary>Frees every object but those that had to be left in a magazine. It was drained just before.</summary>
    /// <param name="clear">Whether live objects are cleared.</param>
    /// <param name="committed">Called when it is certain that they go, with all gates held.</param>
    /// <returns>How many objects were live.</returns>
    /// <remarks>Nothing is on its way here: who takes home holds the drain lock, or a gate. All gates are held, as <see cref="Validate"/> holds them, so that a thread which calls against the
    /// contract comes before, and is seen, or after.</remarks>
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
