using System.Runtime.InteropServices;
using SlabGen.Memory;

namespace SlabGen.Guards;

/// <summary>
/// Writes the report when a guard page, or the page of a freed object, was touched: a handler of <c>SIGSEGV</c> in
/// front of .NET's own.
/// </summary>
/// <remarks>
/// <para><b>Why machine code.</b> A fault in managed code stops its thread in cooperative mode. A managed method called
/// there, also one with <c>UnmanagedCallersOnly</c>, would wait for a collection that waits for this thread, or corrupt
/// the runtime's state. Nor may another thread run managed code on its behalf while it waits: that thread may need a
/// collection too, which then never ends. .NET itself has no hook here: it ends the process on an access violation
/// without an event. So the report is text that was made when the object was allocated and freed
/// (<see cref="GuardTable"/>), and the handler is some 70 instructions in a page of their own that call the system and
/// nothing else. They fill in the address and write it all to standard error.</para>
/// <para><b>What it leaves alone.</b> A fault outside the range, or a signal that was sent (<c>si_code</c> of 0 or
/// less), costs two compares. In either case the end is a jump into the handler that was there before, with the stack,
/// the mask and the registers as the kernel made them. .NET does not see that there was another one before it: null
/// references, stack overflows, debuggers and crash dumps work as they did, and an access in the range ends the process
/// as any access violation does. The flags and the mask of the <c>sigaction</c> that was there stay as they are, so it
/// runs on the alternate stack that .NET gave the thread, and needs less than 100 bytes of it.</para>
/// <para><b>Others' handlers.</b> One that is installed later comes first, and calls this when it calls the former one,
/// as crash reporters do. If it does not, there is no report, but the fault is the same. This handler is never taken
/// out again, because one that came later may hold its address.</para>
/// <para><b>Threads.</b> The first one that faults reports. Others that fault wait until it has, and go on to .NET. If
/// the process survives, because the former handler knows a way, there is no second report.</para>
/// <para><b>Pages.</b> The code is written before the page becomes executable, and never again. For Arm64 the kernel
/// makes the instruction cache agree when a page first becomes executable (<c>__sync_icache_dcache</c>).</para>
/// </remarks>
internal static partial class GuardHandler
{
    private const int SigSegv = 11, SaSigInfo = 4;
    private const int ProtRead = 1, ProtExec = 4;

    /// <summary>Why there is no handler for this system; null where there is one.</summary>
    public static string? WhyNot =>
        !OperatingSystem.IsLinux() ? "guards are only for Linux"
        : RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64 ? null
        : $"guards are only for x64 and Arm64, not for {RuntimeInformation.ProcessArchitecture}";

    /// <summary>Installs it. It stays for as long as the process.</summary>
    /// <returns>Why it could not; null if it did.</returns>
    public static unsafe string? TryInstall(IOsMemory memory, GuardTable table)
    {
        SignalAction action;
        if (Act(SigSegv, null, &action) != 0)
        {
            return $"sigaction failed: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}";
        }

        if (action.Handler is 0 or 1 || (action.Flags & SaSigInfo) == 0)
        {
            return ".NET has no handler of SIGSEGV here that could be called afterwards";
        }

        table.Data->Former = action.Handler;
        nint code = TryMakeCode(memory, (nint)table.Data);
        if (code == 0)
        {
            return "the system does not allow a page of code (SELinux execmem, or no memory)";
        }

        action.Handler = code;
        return Act(SigSegv, &action, null) == 0 ? null
            : $"sigaction failed: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}";
    }

    private static unsafe nint TryMakeCode(IOsMemory memory, nint data)
    {
        nint page = memory.Reserve(Page.Size, Page.Size);
        if (page == 0 || !memory.Commit(page, Page.Size))
        {
            return 0;
        }

        ReadOnlySpan<byte> code = RuntimeInformation.ProcessArchitecture == Architecture.X64
            ? CodeOfX64 : MemoryMarshal.AsBytes(CodeOfArm64);
        code.CopyTo(new Span<byte>((void*)page, Page.Size));
        *(nint*)(page + (nint)Page.RoundUp(code.Length, sizeof(long))) = data;
        if (Protect(page, (nuint)Page.Size, ProtRead | ProtExec) != 0)
        {
            memory.Unmap(page, Page.Size);
            return 0;
        }

        return page;
    }

    [LibraryImport("libc", EntryPoint = "sigaction", SetLastError = true)]
    private static unsafe partial int Act(int signal, SignalAction* action, SignalAction* former);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(nint address, nuint length, int protection);

    /// <summary><c>struct sigaction</c> of glibc and musl, for both architectures.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 152)]
    private struct SignalAction
    {
        [FieldOffset(0)]
        public nint Handler;

        [FieldOffset(136)]
        public int Flags;
    }
}
