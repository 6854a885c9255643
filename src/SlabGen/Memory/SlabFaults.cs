using SlabGen.Memory;

namespace SlabGen;

/// <summary>
/// Fault injection: makes what can run out run out, so that a program's own paths for that case are tested (the
/// kernel's <c>fail_page_alloc</c> and <c>failslab</c>). <see cref="SlabRuntime.Faults"/> is that of one runtime,
/// <see cref="OfProcess"/> that of all.
/// </summary>
/// <remarks>
/// <para>The environment variable <c>SLABGEN_FAIL</c> injects into the whole process, without a change to the program:
/// <c>pages:interval=100,times=5;commit:probability=1,seed=7</c>. Points, separated by <c>;</c>, are the members of
/// <see cref="FaultPoint"/>, and attributes those of <see cref="FaultAttributes"/>: <c>probability</c>,
/// <c>interval</c>, <c>times</c>, <c>space</c> and <c>seed</c>. <c>pages</c> alone refuses every page; <c>-</c> is
/// off.</para>
/// <para>Only slow paths ask: an allocation that a magazine serves never fails. While none is injected they read one
/// null reference. <see cref="FaultPoint.Pages"/> also shuts the fast path of <see cref="PageAllocator"/> for as
/// long as it is injected, so that every block of pages is asked for.</para>
/// <para>Injections change under one lock, a leaf, and are read by anyone without it.</para>
/// </remarks>
/// <example><code><![CDATA[
/// using var runtime = new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = 16 << 20 });
/// KmemCache cache = runtime.CreateCache("orders", 64);
/// using (FaultInjection pages = runtime.Faults.Inject(FaultPoint.Pages))
/// {
///     Console.WriteLine($"{cache.TryAlloc(out _)}, {pages.Failed > 0}");
/// }
/// Console.WriteLine(cache.TryAlloc(out nint order));
/// cache.Free(order);
/// ]]></code></example>
public sealed class SlabFaults
{
    private const int Points = (int)FaultPoint.Madvise + 1;

    private static readonly UninterruptibleLock s_lock = new();
    private static readonly List<WeakReference<SlabFaults>> s_ofRuntimes = []; // s_lock
    private static SlabFaults? s_ofProcess; // made once, under s_lock

    private readonly FaultInjection?[] _injections = new FaultInjection?[Points]; // s_lock; read by anyone
    private readonly SlabFaults? _process; // those of the process, which hold for this runtime too
    private Action<bool>? _pagesMayFail; // s_lock: hears whether pages are refused; once

    internal SlabFaults(SlabFaults? process) => _process = process;

    /// <summary>Faults in every runtime of the process, and in what runtimes share.</summary>
    /// <exception cref="InvalidOperationException">The environment variable <c>SLABGEN_FAIL</c> has a text that is
    /// refused. The message says which part, and what is allowed.</exception>
    public static SlabFaults OfProcess => Volatile.Read(ref s_ofProcess) ?? MakeOfProcess();

    /// <summary>Refuses requests at a point from now on, in the place of what was injected there before.</summary>
    /// <param name="point">What to refuse.</param>
    /// <param name="attributes">When; every time if it is null.</param>
    /// <returns>Counts them, and ends it when it is disposed of.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such point, or an attribute is out of its
    /// range.</exception>
    public FaultInjection Inject(FaultPoint point, FaultAttributes? attributes = null)
    {
        if ((uint)point >= Points)
        {
            throw new ArgumentOutOfRangeException(nameof(point), point, $"FaultPoint must be one of {string.Join(", ", Enum.GetNames<FaultPoint>())}.");
        }

        attributes ??= new FaultAttributes();
        attributes.Validate();
        var injection = new FaultInjection(this, point, attributes);
        using (s_lock.Hold())
        {
            Volatile.Write(ref _injections[(int)point], injection);
            TellOfPages();
        }

        return injection;
    }

    /// <summary>Ends every injection made here. Those of the process go on in a runtime.</summary>
    public void Clear()
    {
        using (s_lock.Hold())
        {
            for (int point = 0; point < Points; point++)
            {
                Volatile.Write(ref _injections[point], null);
            }

            TellOfPages();
        }
    }

    internal void End(FaultInjection injection)
    {
        using (s_lock.Hold())
        {
            if (_injections[(int)injection.Point] == injection)
            {
                Volatile.Write(ref _injections[(int)injection.Point], null);
                TellOfPages();
            }
        }
    }

    /// <summary>Whether this request fails. Any thread, with any locks held.</summary>
    internal bool Fails(FaultPoint point)
    {
        bool fails = Volatile.Read(ref _injections[(int)point]) is { } injection && injection.Fails();
        return (_process is { } process && process.Fails(point)) || fails; // each counts what it is asked
    }

    /// <summary>Whether requests at a point are refused now, here or in the whole process; for texts.</summary>
    internal bool IsInjected(FaultPoint point) =>
        Volatile.Read(ref _injections[(int)point]) is not null || _process?.IsInjected(point) == true;

    /// <summary>Calls back now, and whenever pages begin or cease to be refused: under the lock. Once.</summary>
    internal void WatchPages(Action<bool> pagesMayFail)
    {
        using (s_lock.Hold())
        {
            s_ofRuntimes.RemoveAll(static faults => !faults.TryGetTarget(out _));
            s_ofRuntimes.Add(new WeakReference<SlabFaults>(this));
            _pagesMayFail = pagesMayFail;
            TellOfPages();
        }
    }

    /// <summary>Under the lock.</summary>
    private void TellOfPages()
    {
        if (_process is null)
        {
            s_ofRuntimes.ForEach(static faults =>
                (faults.TryGetTarget(out SlabFaults? live) ? live : null)?.TellOfPages());
        }

        _pagesMayFail?.Invoke(IsInjected(FaultPoint.Pages));
    }

    private static SlabFaults MakeOfProcess()
    {
        var made = new SlabFaults(process: null);
        if (Environment.GetEnvironmentVariable(FaultVariable.Name) is { Length: > 0 } text)
        {
            foreach ((FaultPoint point, FaultAttributes attributes) in FaultVariable.Parse(text))
            {
                made._injections[(int)point] = new FaultInjection(made, point, attributes);
            }
        }

        using (s_lock.Hold())
        {
            s_ofProcess ??= made;
        }

        return s_ofProcess;
    }
}
