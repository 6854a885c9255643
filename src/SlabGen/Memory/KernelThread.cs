using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text;
using SlabGen.CompilerServices;

namespace SlabGen.Memory;

/// <summary>
/// What Linux tells about one thread of this process in <c>/proc/self/task</c>, at no cost to that thread.
/// </summary>
/// <remarks>
/// <para>It serves revocation (<see cref="ThreadCache"/>). Revocation must know that a thread is not in the middle of a
/// few instructions that make no call, and so no system call. This class answers two questions about a thread: whether
/// it sleeps in a system call of its own (<see cref="SleepsInSystemCall"/>), and how much it has computed
/// (<see cref="TryReadWork"/>).</para>
/// <para><b>A sleep</b> has a number: the count of voluntary switches. The kernel raises it when a thread has left the
/// processor to sleep, and not before. Four reads prove a sleep, in this order: the count; state and mask; the system
/// call; the count again. The third read answers only for a thread that has left the processor, because the kernel
/// waits until it has (<c>wait_task_inactive</c>). So if both counts are the same, the thread did not run between the
/// first read and the third, and state and mask belong to that one sleep.</para>
/// <para><b>What the state alone does not prove.</b> A thread whose state says "sleeping" may still run. The state is
/// set first; the thread leaves the processor later, or not at all. That is why two reads of the state are not
/// enough.</para>
/// <para><b>Signals.</b> A collection parks threads inside the handler of a signal, in the middle of anything. A
/// handler blocks its own signal while it runs, unless it was installed with SA_NODEFER, and the runtime's is not. So
/// if a thread sleeps and no caught signal is blocked in it, it sleeps in a system call that it made itself. Two things
/// would break this: a runtime that unblocks its signal and then sleeps, and a handler that sleeps in a call which
/// replaces the mask (<c>ppoll</c>, <c>sigsuspend</c>). A test holds what .NET does. Passing a safepoint oneself cannot
/// replace reading the mask: a thread that was suspended may not have been woken yet when its suspender goes on.</para>
/// <para><b>Calls.</b> A collection also redirects the return of a call. The thread then sleeps in an ordinary system
/// call, with no signal blocked. So may a call that the compiler inserts, or one inside a lock of the runtime. That is
/// why a sleep proves something only about code that calls nothing, optimized or not.</para>
/// <para><b>A fault is no system call.</b> A thread that sleeps in a page fault, or is frozen, has the system call -1.
/// A thread that waits for the disk, is stopped or is traced has another state. None of them counts as asleep.</para>
/// <para><b>The thread's number</b> is the one that this <c>/proc</c> uses (<c>/proc/thread-self</c>). In another
/// namespace it is not that of <c>gettid</c>. After the thread's death another thread may get the number. What is then
/// said about the new thread is believed about the dead one, and every such statement is true of a dead thread.</para>
/// <para>A file that cannot be opened or understood proves nothing. Nothing here makes garbage, because a pass asks
/// many threads.</para>
/// </remarks>
internal sealed unsafe partial class KernelThread : IKernelFiles
{
    // Of a status file; one with masks for thousands of processors is longer, and proves nothing.
    private const int BufferBytes = 8192;

    private readonly byte[] _status, _stat, _call;
    // The number of a sleep that was proven to be the thread's own; any thread.
    private long _knownSleep = KernelSleep<RawWords>.None;

    private KernelThread(string directory)
    {
        _status = Encoding.UTF8.GetBytes(directory + "/status\0");
        _stat = Encoding.UTF8.GetBytes(directory + "/stat\0");
        _call = Encoding.UTF8.GetBytes(directory + "/syscall\0");
    }

    /// <summary>The calling thread; <see langword="null"/> where the system does not say.</summary>
    public static KernelThread? OfCurrent()
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        byte* link = stackalloc byte[64];
        nint length;
        fixed (byte* path = "/proc/thread-self\0"u8)
        {
            length = ReadLink(path, link, 64);
        }

        // "PROCESS/task/THREAD"
        ReadOnlySpan<byte> target = length is > 0 and < 64 ? new(link, (int)length) : default;
        return target.IndexOf("/task/"u8) is >= 0 and int at
            ? new KernelThread("/proc/self" + Encoding.UTF8.GetString(target[at..])) : null;
    }

    /// <summary>
    /// Whether the thread slept, at some moment of this call, in a system call that it made outside any signal handler.
    /// </summary>
    public bool SleepsInSystemCall() => KernelSleep<RawWords>.IsProven(ref _knownSleep, this);

    /// <summary>How much the thread has computed, for <see cref="KernelWork.IsFarBeyond"/>.</summary>
    /// <returns><see langword="false"/> when it is in a signal handler, or nothing is known.</returns>
    public bool TryReadWork(out KernelWork work)
    {
        // Read the count before and after the time, so that the time belongs to the count.
        work = default;
        if (!TryReadStatus(out KernelStatus before) || !TryReadUserTicks(out long ticks)
            || !TryReadStatus(out KernelStatus after)
            || after.IsInHandler || before.Switches != after.Switches)
        {
            return false;
        }

        work = new KernelWork(after.Switches, ticks);
        return true;
    }

    /// <inheritdoc/>
    public bool TryReadStatus(out KernelStatus status)
    {
        byte* buffer = stackalloc byte[BufferBytes];
        ReadOnlySpan<byte> text = SystemFile.Read(_status, new Span<byte>(buffer, BufferBytes));
        ReadOnlySpan<byte> state = Field(text, "\nState:\t"u8);
        status = default;
        if (state.IsEmpty
            || !Utf8Parser.TryParse(Field(text, "\nSigBlk:\t"u8), out ulong blocked, out _, 'x')
            || !Utf8Parser.TryParse(Field(text, "\nSigCgt:\t"u8), out ulong caught, out _, 'x')
            || !Utf8Parser.TryParse(Field(text, "\nvoluntary_ctxt_switches:\t"u8), out long switches, out _))
        {
            return false;
        }

        status = new KernelStatus(state[0] == 'S', (blocked & caught) != 0, switches);
        return true;
    }

    /// <summary>
    /// Clock ticks in user mode, the 14th word of <c>stat</c>. The second word is a name in parentheses that may hold
    /// anything.
    /// </summary>
    private bool TryReadUserTicks(out long ticks)
    {
        byte* buffer = stackalloc byte[1024];
        ReadOnlySpan<byte> text = SystemFile.Read(_stat, new Span<byte>(buffer, 1024));
        text = text[(text.LastIndexOf((byte)')') + 1)..];
        for (int word = 2; word < 14 && !text.IsEmpty; word++)
        {
            text = text[(text.IndexOf((byte)' ') + 1)..];
        }

        return Utf8Parser.TryParse(text, out ticks, out _);
    }

    /// <summary>
    /// Whether the thread has left the processor inside a system call: the file begins with the call's number, not with
    /// "running" or -1.
    /// </summary>
    public bool IsBlockedInSystemCall()
    {
        byte* buffer = stackalloc byte[256];
        ReadOnlySpan<byte> text = SystemFile.Read(_call, new Span<byte>(buffer, 256));
        return !text.IsEmpty && char.IsAsciiDigit((char)text[0]);
    }

    private static ReadOnlySpan<byte> Field(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name)
    {
        int at = text.IndexOf(name);
        ReadOnlySpan<byte> rest = at < 0 ? default : text[(at + name.Length)..];
        int end = rest.IndexOf((byte)'\n');
        return end < 0 ? default : rest[..end]; // a line without an end was cut off
    }

    [LibraryImport("libc", EntryPoint = "readlink")]
    private static partial nint ReadLink(byte* path, byte* buffer, nint length);
}

/// <summary>How much a thread had computed at a moment when it was in no signal handler.</summary>
/// <param name="Switches">How often it had gone to sleep.</param>
/// <param name="UserTicks">Its time in user mode, in ticks of 10 ms.</param>
internal readonly record struct KernelWork(long Switches, long UserTicks)
{
    // One tick may be a mere moment, and the kernel samples to divide ticks between user mode and itself.
    private const int Ticks = 5;

    /// <summary>
    /// Whether the thread has certainly executed more than a few instructions of its own since an earlier moment.
    /// </summary>
    /// <remarks>
    /// It has spent at least 40 ms in user mode, did not sleep meanwhile, and is in no handler now. Time in a handler
    /// counts too. But a thread that a collection parks there sleeps, and the count of switches would show that.
    /// Handlers that do not sleep do not fill 40 ms without one instruction of the thread between two of them. What
    /// this does not cover: a host that takes a virtual processor away for 40 ms between two instructions of one
    /// operation, and whose guest is not told of such time, so that it counts as the thread's. Nothing here can tell
    /// that apart.
    /// </remarks>
    public bool IsFarBeyond(KernelWork earlier) =>
        Switches == earlier.Switches && UserTicks - earlier.UserTicks >= Ticks;
}
