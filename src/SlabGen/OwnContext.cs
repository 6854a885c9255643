using System.Runtime.Loader;
using SlabGen.Memory;
using SlabGen.Metadata;
using SlabGen.Reclaim;

namespace SlabGen;

/// <summary>
/// Ends SlabGen itself when it was loaded into a context that can be unloaded: a plugin brought its own copy.
/// </summary>
/// <remarks>
/// <para>When the context begins to unload, the timers and threads of all its runtimes end, because they would keep it.
/// Allocations go on until the last code of the context has run. Then this object is garbage, and its finalizer unmaps
/// the memory of every runtime. Live objects go too, because no code is left that could use them. The finalizer waits
/// for one more collection, so that finalizers of the context's objects can still free.</para>
/// <para>The finalizer uses no type for the first time. The type's static fields would be made in a context that is
/// being taken down, and such fields were seen to hold anything. What the finalizer needs of statics is noted
/// before.</para>
/// <para>The list is under the lock, a leaf. Outside such a context there is no instance, and nothing is done.</para>
/// </remarks>
internal sealed class OwnContext
{
    private static readonly OwnContext? s_instance = typeof(OwnContext).Assembly.IsCollectible
        ? new OwnContext() : null;

    private readonly UninterruptibleLock _lock = new();
    // Those that were not disposed; the memory of a dropped one is to go as well.
    private readonly List<SlabRuntime> _runtimes = [];
    private bool _unloads; // set once, under the lock
    private (nint Start, long Bytes) _handles; // written with the next field when the context begins to unload
    private IOsMemory? _memory;
    private bool _isGarbage; // by the finalizer's thread

    private OwnContext() =>
        AssemblyLoadContext.GetLoadContext(typeof(OwnContext).Assembly)!.Unloading += _ => EndBackgrounds();

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
                // A file of high memory may have been closed before. No caller is left to tell, and the other runtimes'
                // memory is still to go.
            }
        }

        if (_handles.Bytes > 0)
        {
            _memory!.UnmapApart(_handles.Start, _handles.Bytes, Page.Size);
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
