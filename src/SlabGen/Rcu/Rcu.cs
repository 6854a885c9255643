using System.Runtime.CompilerServices;
using SlabGen.Memory;

namespace SlabGen;

/// <summary>
/// Read-copy-update, for lock-free readers. A reader takes no lock, and writes nothing that another thread writes. An
/// updater unlinks an object, and waits until no reader can still see it. As in the kernel, there is one RCU for the
/// whole process.
/// </summary>
/// <remarks>
/// <para><b>Use.</b> A reader opens a section, loads a shared pointer with <see cref="Volatile"/>, and uses what it
/// points to until the section ends. An updater unlinks an object: it stores to the shared pointer by
/// <see cref="Volatile"/> or <see cref="Interlocked"/>. It frees the object after a grace period, by
/// <see cref="Synchronize"/>, <see cref="Call(Action)"/> or <see cref="KmemCache.FreeDeferred"/>. A section may block,
/// but everything deferred in the process then waits for it. Grace periods cost readers nothing.</para>
/// <para><b>Protocol.</b> It is that of liburcu's <c>memb</c> flavour (Desnoyers et al. 2012). Numbers that never wrap
/// take the place of its parity, so that one phase is enough.</para>
/// <list type="number">
/// <item>A reader's record is one word. The outermost section stores the number of the latest grace period begun. Its
/// end stores 0. Both are plain stores on x86 and releases elsewhere: no fence, no atomic instruction.</item>
/// <item>An updater unlinks, issues a fence, and reads the latest number L. It needs period L + 1 or any later one to
/// pass. The period under way will not do, because it may have looked at a reader before the unlinking.</item>
/// <item>Period N begins: its number is stored, and then comes a process-wide barrier, which makes every running thread
/// execute a fence.</item>
/// <item>Period N has passed when each record was once seen, after that barrier, with 0 or with N or more.</item>
/// </list>
/// <para><b>Why it is safe.</b> Take an object that was unlinked for period N, and a reader.</para>
/// <list type="bullet">
/// <item><i>Not seen</i>: the record reads 0, though the section's store was executed or will be. Had the store been
/// executed before the fence that the barrier gave its thread, the fence would have made it visible. So the store comes
/// after the fence. The section's loads come after the store in the program, so they see the object unlinked. (The JIT
/// does not move a load over a volatile store. The processor may, but not over the fence.)</item>
/// <item><i>Seen with N or more</i>: the reader read a number that was stored after the unlinking, and its later loads
/// follow that load. So it sees the object unlinked.</item>
/// <item><i>Seen with less</i>: the reader may hold the object. The period waits until the record changes. If it
/// changes to 0, that is a release: the section's accesses come before it, and the updater reads it with an acquire. If
/// it changes to the state of a later section, the same holds, and the cases above apply.</item>
/// <item>A reader may store a number that it loaded long ago. That number is smaller than it might be, so the period
/// waits for the reader without need, but never too little.</item>
/// </list>
/// <para>The steps are in <see cref="GracePeriod{TWords}"/>. The tests run that code in every interleaving, with store
/// buffers.</para>
/// <para><b>Threads that die.</b> A thread that died inside a section reads no more, so no grace period waits for it.
/// Its record goes when other threads come and find it dead.</para>
/// </remarks>
public static class Rcu
{
    private static readonly RcuCallbacks s_callbacks = new(GracePeriods.OfProcess);

    /// <summary>
    /// Takes what a callback throws. The handler runs on the callback's thread, and the next callback is called after
    /// it.
    /// </summary>
    /// <remarks>
    /// Without a handler, the next <see cref="Barrier"/> throws it. If a handler throws, the next <see cref="Barrier"/>
    /// throws both exceptions.
    /// </remarks>
    public static event Action<Exception>? CallbackFailed
    {
        add => s_callbacks.Failed += value;
        remove => s_callbacks.Failed -= value;
    }

    /// <summary>
    /// Raised when a grace period has been waited for 21 s, and then each time the wait has doubled. It names the
    /// threads that hold the period up.
    /// </summary>
    /// <remarks>
    /// It is raised on the waiting thread: the background thread, or one in <see cref="Synchronize"/>,
    /// <see cref="Barrier"/>, <see cref="KmemCache.Destroy"/> or <see cref="SlabRuntime.Dispose"/>. What a handler
    /// throws goes to <see cref="CallbackFailed"/>.
    /// </remarks>
    public static event Action<RcuStall>? Stalled;

    /// <summary>
    /// The threads that are inside a read-side section now. A program that hangs in <see cref="SlabRuntime.Dispose"/>
    /// waits for them.
    /// </summary>
    public static IReadOnlyList<Thread> Readers => GracePeriods.OfProcess.ListReaders();

    /// <summary>Whether the calling thread is inside a read-side section (<c>rcu_read_lock_held</c>).</summary>
    public static bool IsReading => RcuReader.IsReading;

    /// <summary>
    /// Begins a read-side section, which the scope's end ends (<c>rcu_read_lock</c>). Sections nest, 65,535 deep.
    /// </summary>
    /// <remarks>
    /// Write <c>using</c>. If a section stays open on a thread that lives on, every grace period of the process stops:
    /// nothing deferred is freed any more. <see cref="SlabRuntime.Dispose"/>, <see cref="KmemCache.Destroy"/>,
    /// <see cref="Synchronize"/> and <see cref="Barrier"/> then wait for ever. <see cref="Stalled"/> and
    /// <see cref="Readers"/> name the thread.
    /// </remarks>
    /// <example><code><![CDATA[
    /// SlabPtr<Order> first = OrderCache.Alloc();
    /// first.Value = new Order { Id = 7 };
    /// nint current = first.Address;                      // one word, which readers load
    ///
    /// using (Rcu.Read())                                 // a reader, on any thread
    /// {
    ///     var order = new SlabPtr<Order>(Volatile.Read(ref current));
    ///     Console.WriteLine(order.Value.Id);
    /// }
    ///
    /// nint old = Interlocked.Exchange(ref current, 0);   // a writer unlinks it,
    /// OrderCache.FreeDeferred(new SlabPtr<Order>(old));  // and frees it when no reader has it
    /// ]]></code></example>
    /// <exception cref="InvalidOperationException">Sections are nested more deeply than that.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RcuReadScope Read()
    {
        RcuReader reader = RcuReader.Current;
        long entered = GracePeriod<RawWords>.Enter(reader, ref RcuReader.Latest);
        return new RcuReadScope(reader, entered);
    }

    /// <summary>
    /// Begins a read-side section that <see cref="Exit"/> ends, for places where no scope can be used: a binding for
    /// another language, or a section across methods. It must end on the same thread, so not after an
    /// <see langword="await"/>. A thread that never ends it holds up every grace period for as long as the thread
    /// lives.
    /// </summary>
    /// <inheritdoc cref="Read"/>
    public static void Enter() => Read();

    /// <summary>
    /// Ends the innermost read-side section of the calling thread, one that <see cref="Enter"/> began
    /// (<c>rcu_read_unlock</c>).
    /// </summary>
    /// <exception cref="InvalidOperationException">The calling thread is in no section. It was ended before, or begun
    /// on another thread.</exception>
    public static void Exit()
    {
        RcuReader reader = RcuReader.Current;
        long state = reader.State;
        if (state == 0)
        {
            throw new InvalidOperationException("Rcu.Exit: this thread is in no read-side section. It was ended before, or begun on another thread.");
        }

        GracePeriod<RawWords>.Leave(reader, state);
    }

    /// <summary>
    /// Waits for a grace period: until every section that was open at this call has ended (<c>synchronize_rcu</c>). No
    /// reader then sees what was unlinked before the call. <see cref="Thread.Interrupt"/> does not end the wait.
    /// </summary>
    /// <exception cref="InvalidOperationException">The calling thread is inside a section, and would wait for its own
    /// end.</exception>
    public static void Synchronize()
    {
        ThrowIfReading("Rcu.Synchronize");
        GracePeriods.OfProcess.Wait(GracePeriods.Snapshot());
    }

    /// <summary>Calls a callback after a grace period (<c>call_rcu</c>). This method does not wait.</summary>
    /// <remarks>
    /// Callbacks run one after the other, in the order in which they were registered, on a thread of their own. The
    /// thread begins with the first callback and ends when nothing waits. A callback that takes long holds up the
    /// others, and frees in the background. A callback holds no lock, and may use all of RCU except
    /// <see cref="Barrier"/>. When 10,000 wait, the next grace period is not put off to collect more.
    /// </remarks>
    public static void Call(Action callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        s_callbacks.Add(static action => ((Action)action!)(), callback);
    }

    /// <param name="callback">The callback.</param>
    /// <param name="state">The argument of the callback.</param>
    /// <inheritdoc cref="Call(Action)"/>
    public static void Call(Action<object?> callback, object? state)
    {
        ArgumentNullException.ThrowIfNull(callback);
        s_callbacks.Add(callback, state);
    }

    /// <summary>
    /// Waits until everything that was deferred before is done: callbacks were called, and objects freed
    /// (<c>rcu_barrier</c>, <c>kvfree_rcu_barrier</c>). <see cref="Thread.Interrupt"/> does not end the wait.
    /// </summary>
    /// <exception cref="InvalidOperationException">The calling thread is inside a section, or in a
    /// callback.</exception>
    /// <exception cref="Exception">What a callback threw and no handler took; an <see cref="AggregateException"/> if
    /// there were several.</exception>
    public static void Barrier()
    {
        ThrowIfReading("Rcu.Barrier");
        if (GracePeriods.OfProcess.Background.IsCurrent)
        {
            throw new InvalidOperationException("Rcu.Barrier was called in a callback of Rcu.Call. It would wait for the end of that callback.");
        }

        GracePeriods.OfProcess.Background.Barrier();
        s_callbacks.ThrowFailures();
    }

    /// <summary>Raises <see cref="Stalled"/>: a grace period takes long.</summary>
    internal static void TellOfStall(Thread[] readers, TimeSpan waited)
    {
        var stall = new RcuStall(readers, waited);
        // It must not end the wait, nor the thread of the background.
        s_callbacks.ReportAll(Handlers.Tell(Stalled, handler => handler(stall)));
    }

    /// <exception cref="InvalidOperationException">The calling thread is inside a section.</exception>
    internal static void ThrowIfReading(string caller)
    {
        if (IsReading)
        {
            throw new InvalidOperationException($"{caller} was called inside a read-side section of Rcu. It would wait for the end of that section.");
        }
    }
}
