using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using SlabGen.Checking;
using SlabGen.Guards;

namespace SlabGen.Slabs;

/// <summary>The one place that words and throws the errors of caches.</summary>
[StackTraceHidden]
internal static class Throw
{
    public static SlabException Fault(CacheSlabs slabs, SlabFault fault, nint address, bool atTheCall = false)
    {
        string what = fault switch
        {
            SlabFault.NullPointer => "the null pointer was freed",
            SlabFault.ForeignPointer => $"0x{address:x} was freed, which lies in no slab of this runtime",
            SlabFault.WrongCache => $"0x{address:x} was freed, which belongs to another cache",
            SlabFault.InteriorPointer => $"0x{address:x} was freed, which is not the start of an object of {slabs.Layout.Size} bytes",
            SlabFault.DoubleFree => $"0x{address:x} was freed twice: the object is free already",
            SlabFault.HasHandle => $"0x{address:x} was freed by its address, while a handle to it is live: free it by the handle, or end that with TryRelease first",
            SlabFault.OutOfBounds => $"bytes beside the object at 0x{address:x} were written before it was freed",
            _ => throw new UnreachableException(),
        };

        if (GuardPool.Find(address) is { } guarded)
        {
            string outcome = fault == SlabFault.OutOfBounds ? "The object was freed" : "The pointer was dropped";
            var ofGuards = new SlabReport(fault, slabs.Name, address)
            {
                ObjectAddress = guarded.Start,
                ObjectSize = guarded.Size,
                Text = guarded.Text,
            };
            return new SlabException(fault, slabs.Name, address, $"Cache '{slabs.Name}': {what}. {outcome}.\n{guarded.Text}", ofGuards);
        }

        bool isTold = atTheCall || slabs.States is not null || fault == SlabFault.NullPointer;
        string advice = isTold ? "" : "; set SLABGEN_DEBUG=1 to be stopped at the call that frees it";
        SlabReport? report = slabs.States is null ? null : FaultReport.Of(slabs, fault, address, what);
        return new SlabException(fault, slabs.Name, address, $"Cache '{slabs.Name}': {what}. The pointer was dropped{advice}.", report);
    }

    /// <summary>The error about bytes of or beside an object that were written over.</summary>
    public static SlabException Damaged(CacheSlabs slabs, ObjectDamage damage, SlabPlace place, string outcome) => new(
        damage.Fault,
        slabs.Name,
        damage.First,
        $"Cache '{slabs.Name}': {damage.Describe()}. {outcome}.",
        FaultReport.Of(slabs, damage, place));

    public static SlabException NotABlock(nint address, SlabFault fault) => new(
        fault, "kmalloc", address, $"Kmalloc: 0x{address:x} is not the start of a block that this runtime allocated ({fault}).");

    public static SlabException FreedTooOften(CacheSlabs slabs, string pool, nint address) => new(
        SlabFault.DoubleFree,
        slabs.Name,
        address,
        $"Mempool '{pool}' of cache '{slabs.Name}': 0x{address:x} was freed, but all elements that the pool gave out are back: it was freed twice, or taken elsewhere. The pointer was dropped.");

    [DoesNotReturn]
    public static void OutOfMemory(CacheSlabs slabs, int objects, GfpFlags gfp = GfpFlags.Kernel, int onNode = -1)
    {
        string refused = slabs.ConstructorRefused ? " The constructor refused an object." : "";
        string place = onNode >= 0 && (gfp & GfpFlags.ThisNode) != 0 ? $" on node {onNode}, and GfpFlags.ThisNode permits no other" : "";
        string hurry = Hurry(gfp);
        string? never = slabs.WhyNever(objects);
        string limits = never is null ? slabs.DescribeLimits() : "";
        string why = never is not null || place.Length + hurry.Length == 0 ? $" Why: {never ?? slabs.WhyNoObjects(objects)}." : "";
        throw new OutOfMemoryException(
            $"Cache '{slabs.Name}': no memory for {objects} object(s) of {slabs.Layout.Size} bytes{place}.{refused}{hurry}{limits} {Limit(slabs.Pages)}{why}");
    }

    [DoesNotReturn]
    public static void OutOfMemory(string instance, SlabAccount? account, PageAllocator pages, nuint bytes,
        GfpFlags gfp = GfpFlags.Kernel) => throw new OutOfMemoryException(
        $"Kmalloc ('{instance}'): no memory for a block of {bytes} bytes.{Hurry(gfp)} {(account is null ? "" : $"{account}. ")}{Limit(pages)} Why: {pages.WhyNoBytes(bytes)}.");

    [DoesNotReturn]
    public static void OutOfMemory(string instance, SlabAccount? account, PageAllocator pages, nuint bytes, int blocks,
        GfpFlags gfp = GfpFlags.Kernel)
    {
        if (blocks == 1)
        {
            OutOfMemory(instance, account, pages, bytes, gfp);
        }

        UInt128 together = (UInt128)Math.Max(bytes, 8) * (uint)blocks; // a reservation stores the address of each
        string why = together > (ulong)pages.Limit ? $"{(bytes < 8 ? "their addresses" : "together they")} are {together} bytes, above the memory limit of {pages.Limit} bytes"
            : account is not null && together > (ulong)account.Limit ? $"together they are {together} bytes, above the account's limit of {account.Limit} bytes"
            : "not all of them could be had, and those that were taken were given back";
        throw new OutOfMemoryException(
            $"Kmalloc ('{instance}'): no memory for {blocks} blocks of {bytes} bytes.{Hurry(gfp)} {(account is null ? "" : $"{account}. ")}{Limit(pages)} Why: {why}.");
    }

    [DoesNotReturn]
    public static void Refused(CacheSlabs slabs, int objects) => throw new OutOfMemoryException(
        $"Cache '{slabs.Name}': the method with [SlabInit] refused an object; none of the {objects} object(s) of {slabs.Layout.ObjectSize} bytes was allocated.");

    [DoesNotReturn]
    public static void OtherThread(CacheSlabs slabs, Thread owner) => throw new InvalidOperationException(
        $"Cache '{slabs.Name}' is single-threaded: it belongs to thread {owner.ManagedThreadId}, which used it first, and thread {Environment.CurrentManagedThreadId} called it. Remove SingleThreaded from its [SlabCache] to use it on several.");

    [DoesNotReturn]
    public static void OtherThread(string instance, Thread owner) => throw new InvalidOperationException(
        $"Kmalloc ('{instance}'): this KeptLocal belongs to thread {owner.ManagedThreadId}, which asked for it, and thread {Environment.CurrentManagedThreadId} called it. Each thread keeps its own, by KeepLocal.");

    [DoesNotReturn]
    public static void StaleHandle(string of, uint index, uint generation, string what) => throw new SlabException(
        SlabFault.StaleHandle, of, 0, $"'{of}': {(generation == 0 ? "the default handle" : $"the handle {index}:{generation}")} {what}.");

    [DoesNotReturn]
    public static void NotZeroed(CacheSlabs slabs) => throw new InvalidOperationException(
        $"Cache '{slabs.Name}' has a constructor: clearing its objects would undo that.");

    [DoesNotReturn]
    public static void FreedByReset(string cacheName, string what) =>
        throw new ObjectDisposedException(cacheName, $"'{cacheName}' was emptied (Reset), and {what} was freed with everything else.");

    [DoesNotReturn]
    public static void Destroyed(string cacheName) =>
        throw new ObjectDisposedException(cacheName, $"Cache '{cacheName}' was destroyed.");

    private static string Hurry(GfpFlags gfp) =>
        (gfp & GfpFlags.DirectReclaim) == 0 ? $" The request may not wait (GfpFlags {gfp}), so that nothing was taken back for it." : "";

    private static string Limit(PageAllocator pages) => $"{pages.UsedBytes} of the {pages.Limit} bytes of SlabRuntimeOptions.MemoryLimit are in use.";
}
