using System.Runtime.CompilerServices;
using SlabGen.Memory;

namespace SlabGen;

/// <summary>
/// Read-copy-update, for lock-free readers. A reader takes no lock, and writes nothing that another thread writes. An updater unlinks an
/// object, and waits until no reader can still see it. As in the kernel, there is one for the process.
/// </summary>
/// <remarks>
/// <para><b>Use.</b> A reader opens a section, loads a shared pointer with <see cref="Volatile"/>, and uses what it points to until the
/// section ends. An updater unlinks an object (a store to the shared pointer, by <see cref="Volatile"/> or <see cref="Interlocked"/>), and
/// frees it after a grace period: <see cref="Synchronize"/>, <see cref="Call(Action)"/>, or <see cref="KmemCache.FreeDeferred"/>. A section may
/// block, and all that is deferred in the process then waits for it. Grace periods cost no reader anything.</para>
/// <para><b>Protocol</b> (that of liburcu's <c>memb</c> flavour, Desnoyers et al. 2012, with numbers that never wrap in place of its
/// parity, so that one phase does).</para>
/// <list type="number">
/// <item>A reader's record is one word. The outermost section stores the number of the latest grace period begun; its end stores 0. Both are
/// plain stores for x86, releases elsewhere: no fence, no atomic instruction.</item>
/// <item>An updater unlinks, issues a fence, reads the latest number L, and needs period L + 1 or any later one to pass. One
/// that is under way will not do: it may have looked at a reader before the unlinking.</item>
/// <item>Period N begins: its number is stored, and then comes a process-wide barrier, which has every running thread execute a fence.</item>
/// <item>It has passed when each record, read after that barrier, was once seen with 0 or with N or more.</item>
/// </list>
/// <para><b>Why it is safe.</b> Take an object that was unlinked for N, and a reader.</para>
/// <list type="bullet">
/// <item><i>Not seen</i>: its record reads 0 though the section's store was executed, or will be. Had that been executed before the fence that
/// the barrier gave its thread, the fence would have made it visible. So it comes after the fence, and so do the section's loads, which come
/// after it in the program: they see the object unlinked. (The JIT does not move a load over a volatile store; the processor may, but not over the fence.)</item>
/// <item><i>Seen with N or more</i>: it read a number that was stored after the unlinking, by a load that later loads follow: it sees the object unlinked.</item>
/// <item><i>Seen with less</i>: it may hold the object. The period waits until the record changes: to 0, a release that the section's accesses
/// come before and the updater reads with an acquire; or to a later section's state, to which the same and the cases above apply.</item>
/// <item>A number that a reader loaded long ago and stored late is smaller than it might be: then it is waited for without need, never too little.</item>
/// </list>
/// <para><c>tests/SlabGen.Tests/Model/RcuModel.cs</c> explores every interleaving of this with store buffers.</para>
/// <para><b>Threads that die.</b> One that died inside a section, which nobody ended, reads no more: no grace period waits for it. A record
/// goes when other threads come and find its thread dead.</para>
/// </remarks>
public static class Rcu
{
    private static readonly RcuCallbacks s_callbacks = new(GracePeriods.OfProcess);

    /// <summary>Takes what a callback throws. It runs on the thread of the callback; the next callback is then called.</summary>
    /// <remarks>Without a handler, the next <see cref="Barrier"/> throws it. What a handler throws goes the same way, after what it was told of.</remarks>
    public static event Action<Exception>? CallbackFailed
    {
        add => s_callbacks.Failed += value;
        remove => s_callbacks.Failed -= value;
    }

    /// <summary>Raised when a grace period has been waited for 21 s, and then each time the wait has doubled: it names the threads that hold it up.</summary>
    /// <remarks>
    /// On the thread that waits, which is that of the background, or one in <see cref="Synchronize"/>, <see cref="Barrier"/>, <see cref="KmemCache.Destroy"/>
    /// or <see cref="SlabRuntime.Dispose"/>. What a handler throws goes the way of <see cref="CallbackFailed"/>.
    /// </remarks>
    public static event Action<RcuStall>? Stalled;

    /// <summary>The threads that are inside a read-side section now: what a program that hangs in <see cref="SlabRuntime.Dispose"/> waits for.</summary>
    public static IReadOnlyList<Thread> Readers => GracePeriods.OfProcess.ListReaders();

    /// <summary>Whether the calling thread is inside a read-side section (<c>rcu_read_lock_held</c>).</summary>
    public static bool IsReading => RcuReader.IsReading;

    /// <summary>Begins a read-side section, which the scope's end ends (<c>rcu_read_lock</c>). Sections nest, 65,535 deep.</summary>
    /// <remarks>
    /// Write <c>using</c>. A section that is left open on a thread which lives on stops every grace period of the process: nothing
    /// deferred is freed any more, and <see cref="SlabRuntime.Dispose"/>, <see cref="KmemCache.Destroy"/>, <see cref="Synchronize"/> and
    /// <see cref="Barrier"/> wait for ever. <see cref="Stalled"/> and <see cref="Readers"/> name the thread.
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
    /// <exception cref="InvalidOperationException">They are nested more deeply.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RcuReadScope Read()
    {
        RcuReader reader = RcuReader.Current;
        long state = reader.State;
        long entered = state == 0 ? Volatile.Read(ref RcuReader.Latest) + 1 : RcuReader.Nest(state);
        Volatile.Write(ref reader.State, entered);
        return new RcuReadScope(reader, entered);
    }

    /// <summary>
    /// Begins a read-side section that <see cref="Exit"/> ends, where no scope can be used: in a binding for another language, or across
    /// methods. It must end on
    /// the same thread, so not after an <see langword="await"/>. A thread that never ends it holds up every grace period as long as it lives.
    /// </summary>
    /// <inheritdoc cref="Read"/>
    public static void Enter() => Read();

    /// <summary>Ends the innermost read-side section of the calling thread, one that <see cref="Enter"/> began (<c>rcu_read_unlock</c>).</summary>
    /// <exception cref="InvalidOperationException">The calling thread is in no section: it was ended before, or begun on another thread.</exception>
    public static void Exit()
    {
        RcuReader reader = RcuReader.Current;
        long state = reader.State;
        if (state == 0)
        {
            throw new InvalidOperationException("Rcu.Exit: this thread is in no read-side section. It was ended before, or begun on another thread.");
        }

        Volatile.Write(ref reader.State, RcuReader.Leave(state));
    }

    /// <summary>
    /// Waits for a grace period: until every section has ended that was open when this was called (<c>synchronize_rcu</c>). What was
    /// unlinked before the call is then seen by nobody. <see cref="Thread.Interrupt"/> does not end the wait.
    /// </summary>
    /// <exception cref="InvalidOperationException">The calling thread is inside a section, for whose end it would wait.</exception>
    public static void Synchronize()
    {
        ThrowIfReading("Rcu.Synchronize");
        GracePeriods.OfProcess.Wait(GracePeriods.Snapshot());
    }

    /// <summary>Has a callback called after a grace period (<c>call_rcu</c>). It does not wait.</summary>
    /// <remarks>
    /// Callbacks run one after the other, in the order of their calls, on a thread of their own that begins with the first
    /// and ends when nothing waits. One that takes long holds up the others, and what is freed in the background. It holds no lock, and may
    /// use all of RCU but <see cref="Barrier"/>. When 10,000 wait, the next grace period is not put off to collect more.
    /// </remarks>
    public static void Call(Action callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        s_callbacks.Add(static action => ((Action)action!)(), callback);
    }

    /// <param name="callback">What is called.</param>
    /// <param name="state">What it is called with.</param>
    /// <inheritdoc cref="Call(Action)"/>
    public static void Call(Action<object?> callback, object? state)
    {
        ArgumentNullException.ThrowIfNull(callback);
        s_callbacks.Add(callback, state);
    }

    /// <summary>
    /// Waits until all that was deferred before is done: callbacks were called, and objects freed
    /// (<c>rcu_barrier</c>, <c>kvfree_rcu_barrier</c>). <see cref="Thread.Interrupt"/> does not end the wait.
    /// </summary>
    /// <exception cref="InvalidOperationException">The calling thread is inside a section, or in a callback.</exception>
    /// <exception cref="Exception">What a callback threw and no handler took; as an <see cref="AggregateException"/> if there were more.</exception>
    public static void Barrier()
    {
        ThrowIfReading("Rcu.Barrier");
        if (GracePeriods.OfProcess.Background.IsCurrent)
        {
            throw new InvalidOperationException("Rcu.Barrier was called in a callback of Rcu.Call, for whose end it would wait.");
        }

        GracePeriods.OfProcess.Background.Barrier();
        s_callbacks.ThrowFailures();
    }

    /// <summary>A grace period takes long.</summary>
    internal static void TellOfStall(Thread[] readers, TimeSpan waited)
    {
        var stall = new RcuStall(readers, waited);
        s_callbacks.ReportAll(Handlers.Tell(Stalled, handler => handler(stall))); // it must not end the wait, nor the thread of the background
    }

    /// <exception cref="InvalidOperationException">The calling thread is inside a section.</exception>
    internal static void ThrowIfReading(string caller)
    {
        if (IsReading)
        {
            throw new InvalidOperationException($"{caller} was called inside a read-side section of Rcu, for whose end it would wait.");
        }
    }
}
