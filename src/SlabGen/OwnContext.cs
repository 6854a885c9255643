using System.Runtime.Loader;
using SlabGen.Memory;
using SlabGen.Metadata;
using SlabGen.Reclaim;

namespace SlabGen;

/// <summary>The end of SlabGen itself, where it was loaded into a context that can be unloaded: a plugin that brought its own copy.</summary>
/// <remarks>
/// <para>When the context begins to unload, the timers and threads of all its runtimes end: they would keep it. Allocations go on until
/// the last code of the context has run. Then this object is garbage, and its finalizer unmaps the memory of every runtime, live
/// objects or not: nobody is left who could use them. It waits for one more collection, so that finalizers of the context's objects can still free.</para>
/// <para>The finalizer begins nothing: no type is used there for the first time, whose static fields would be made in a context that is being
/// taken down. They were seen to hold anything then. What it needs of statics is noted before.</para>
/// <para>The list is under the lock, a leaf. Elsewhere than in such a context there is no instance, and nothing is done.</para>
/// </remarks>
internal sealed class OwnContext
{
    private static readonly OwnContext? s_instance = typeof(OwnContext).Assembly.IsCollectible ? new OwnContext() : null;

    private readonly UninterruptibleLock _lock = new();
    private readonly List<SlabRuntime> _runtimes = []; // those that were not disposed: also of a dropped one the memory is to go
    private bool _unloads; // set once, under the lock
    private (nint Start, long Bytes) _handles; // written when the context begins to unload, with the next
    private IOsMemory? _memory;
    private bool _isGarbage; // by the finalizer's thread

    private OwnContext() => AssemblyLoadContext.GetLoadContext(typeof(OwnContext).Assembly)!.Unloading += _ => EndBackgrounds();

    ~OwnContext()
    {
        if (!_isGarbage)
        {
            _isGarbage = true;
            GC.ReRegisterForFinalize(this);
            return;
        }

        foreach (SlabRuntime runtime in _runtimes)
        {
            try
            {
                runtime.UnmapWithContext();
            }
            catch (Exception)
            {
                // A file of high memory may be closed before. There is nobody left to tell, and the other runtimes' memory is to go.
            }
        }

        if (_handles.Bytes > 0)
        {
            _memory!.Unmap(_handles.Start, _handles.Bytes);
        }
    }

    /// <summary>Whether a new runtime may have a timer.</summary>
    public static bool MayRunInBackground => s_instance is not { _unloads: true };

    public static void Add(SlabRuntime runtime)
    {
        if (s_instance is { } own)
        {
            using (own._lock.Hold())
            {
                own._runtimes.Add(runtime);
            }
        }
    }

    public static void Remove(SlabRuntime runtime)
    {
        if (s_instance is { } own)
        {
            using (own._lock.Hold())
            {
                own._runtimes.Remove(runtime);
            }
        }
    }

    private void EndBackgrounds()
    {
        SlabRuntime[] runtimes;
        using (_lock.Hold())
        {
            _unloads = true;
            runtimes = [.. _runtimes];
        }

        _handles = HandleGenerations.Reserved;
        _memory = OsMemory.Current;

        Array.ForEach(runtimes, runtime => runtime.EndBackground());
        ReapClock.EndOfProcess();
        PressureMonitor.EndOfProcess();
    }
}
