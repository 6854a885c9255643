using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;
using SlabGen.Memory;

namespace SlabGen.Tests.References;

/// <summary>What a debugger shows: made and read as it does, by the attributes and by reflection.</summary>
[Collection(LowAddresses.Collection)]
public sealed class DebugViewTests
{
    private const int Size = 48;

    [Fact]
    public void ALiveObject_WithItsCacheAndItsSlab()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache<Order>("orders");
        var pointer = new SlabPtr<Order>(cache.Alloc());
        pointer.Value = new Order { Id = 7 };

        object view = View(pointer);
        Assert.Equal((true, cache), (Get(view, "IsLive"), Get(view, "Cache")));
        Assert.Equal(7, Assert.IsType<Order>(Get(view, "Value")).Id);
        AddressInfo place = Assert.IsType<AddressInfo>(Get(view, "Place"));
        Assert.Equal((AddressKind.LiveObject, pointer.Address, runtime.Describe(pointer.Address).Slab), (place.Kind, place.Start, place.Slab));
        Assert.Equal($"0x{pointer.Address:x} order 7", Line(pointer));
        cache.Free(pointer.Address);
    }

    [Fact]
    public void AFreedObject_IsNotShown_WhereverItIsCached()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache<Order>("orders");
        SlabPtr<Order> freed = new(cache.Alloc()), other = new(cache.Alloc());
        freed.Value.Id = 7;
        cache.Free(freed.Address);
        AssertNothing(freed, AddressKind.ObjectOfThread);
        Assert.EndsWith($": free in a magazine of thread {Environment.CurrentManagedThreadId}", Line(freed), StringComparison.Ordinal);
        cache.Shrink();
        AssertNothing(freed, AddressKind.FreeObject);
        Assert.Equal(cache, Get(View(freed), "Cache"));
        cache.Free(other.Address);
    }

    [Fact]
    public void PointersThatDangle_OrWereNeverOurs_AreShownWithoutALook()
    {
        SlabRuntime runtime = TestRuntime.OfPages(8192);
        KmemCache cache = runtime.CreateCache<Order>("orders");
        var pointer = new SlabPtr<Order>(cache.Alloc());
        cache.Free(pointer.Address);
        cache.Destroy();
        AssertNothing(pointer, AddressKind.FreePage);

        nint large = runtime.Kmalloc.Alloc(5 << 20);
        runtime.Kmalloc.Free(large);
        runtime.Dispose();
        AssertNothing(pointer, AddressKind.Foreign); // both are unmapped
        AssertNothing(new SlabPtr<Order>(large), AddressKind.Foreign);

        foreach (long address in (long[])[8, -8, long.MinValue, long.MaxValue])
        {
            AssertNothing(new SlabPtr<Order>((nint)address), AddressKind.Foreign);
        }

        AssertNothing(default, AddressKind.Null);
        Assert.Equal("0x0: the null pointer", Line(default(SlabPtr<Order>)));
    }

    [Fact]
    public unsafe void ForeignMemoryThatIsMapped_IsNotShownEither()
    {
        var order = new Order { Id = 7 };
        AssertNothing(&order, AddressKind.Foreign);
    }

    [Fact]
    public void APointerIntoAnObject_ShowsWhatFits()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("orders", Size);
        nint address = cache.AllocZeroed();
        Assert.Equal(0L, Get(View(new SlabPtr<long>(address + Size - 8)), "Value"));
        object past = View(new SlabPtr<long>(address + Size - 4));
        Assert.Equal((true, (object?)null), (Get(past, "IsLive"), Get(past, "Value"))); // its second half is the neighbour's
        cache.Free(address);
    }

    [Fact]
    public unsafe void WholePages_AreShown_AndHighMemoryOnlyInASlab()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(8192);
        nint block = runtime.Kmalloc.Alloc(100_000);
        *(long*)block = 7;
        Assert.Equal(7L, Get(View(new SlabPtr<long>(block)), "Value"));
        runtime.Kmalloc.Free(block);
        Assert.Null(Get(View(new SlabPtr<long>(block)), "Value"));

        using var withHigh = new SlabRuntime(new SlabRuntimeOptions
        {
            MemoryLimit = 4096L * Page.Size, Processors = 1, HighMem = new HighMemOptions { Bytes = 64L * Page.Size, MappedPages = 4 }, Pressure = TestRuntime.NoPressure,
        });
        Assert.SkipUnless(withHigh.Pages.Zones.Any(z => z is { Kind: ZoneKind.HighMem, ManagedPages: > 0 }), "This system has no high memory.");
        PagePtr page = withHigh.Pages.AllocPages(GfpFlags.Kernel | GfpFlags.HighMem, 0);
        nint mapped = withHigh.Pages.Kmap(page);
        withHigh.Pages.Kunmap(page);
        object unmapped = View(new SlabPtr<long>(mapped));
        Assert.Equal((true, (object?)null), (Get(unmapped, "IsLive"), Get(unmapped, "Value")));
        withHigh.Pages.FreePages(page);
    }

    [Fact]
    public void AnObjectThatADestroyedCacheLeft_IsStillShown()
    {
        SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache<Order>("orders");
        var pointer = new SlabPtr<Order>(cache.Alloc());
        pointer.Value = new Order { Id = 7 };
        cache.Destroy();
        Assert.Throws<InvalidOperationException>(runtime.Close); // it keeps the memory
        Assert.Equal($"0x{pointer.Address:x} order 7", Line(pointer));
        Assert.Equal((true, 1L), (Get(View(cache), "IsDestroyed"), Assert.IsType<LeakReport>(Get(View(cache), "Leak")).LiveObjects));
        Assert.EndsWith(", destroyed", Line(cache), StringComparison.Ordinal);
        Assert.EndsWith(", disposed", Line(runtime), StringComparison.Ordinal);
    }

    [Fact]
    public void EachPointer_IsLookedUpInItsOwnRuntime()
    {
        using SlabRuntime one = TestRuntime.OfPages(64), two = TestRuntime.OfPages(64);
        KmemCache first = one.CreateCache<Order>("first"), second = two.CreateCache<Order>("second");
        SlabPtr<Order> a = new(first.Alloc()), b = new(second.Alloc()), c = new(SlabRuntime.Default.Kmalloc.Alloc(Size));
        Assert.Equal((first, second), (Get(View(a), "Cache"), Get(View(b), "Cache")));
        Assert.Equal("kmalloc-48", Assert.IsType<KmemCache>(Get(View(c), "Cache")).Name);
        first.Free(a.Address);
        second.Free(b.Address);
        SlabRuntime.Default.Kmalloc.Free(c.Address);
    }

    [Fact]
    public void AnObjectThatIsLargerThanTheStack_IsSaidToBeLive_AndNotCopied()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(2048);
        KmemCache cache = runtime.CreateCache<Huge>("huge");
        var pointer = new SlabPtr<Huge>(cache.Alloc());
        (object? IsLive, object? Value, string Line) shown = default;
        Exception? thrown = null;
        var thread = new Thread(() => thrown = Record.Exception(() => shown = (Get(View(pointer), "IsLive"), Get(View(pointer), "Value"), Line(pointer))), maxStackSize: 512 << 10);
        thread.Start();
        thread.Join();
        Assert.Null(thrown);
        Assert.Equal((true, (object?)null), (shown.IsLive, shown.Value));
        Assert.EndsWith(": live", shown.Line, StringComparison.Ordinal);
        cache.Free(pointer.Address);
    }

    [Fact]
    public void PointersOfFourBytes()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.Is64BitProcess, "Other systems may have no room there.");
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        KmemCache cache = runtime.CreateCache<Order>("low", new SlabCacheOptions { Zone = ZoneKind.Dma32, Fallback = ZoneFallback.Strict });
        var pointer = (SlabPtr32<Order>)new SlabPtr<Order>(cache.Alloc());
        pointer.Value = new Order { Id = 7 };
        Assert.Equal((true, cache), (Get(View(pointer), "IsLive"), Get(View(pointer), "Cache")));
        Assert.Equal($"0x{pointer.Address:x} order 7", Line(pointer));
        cache.Free(pointer.Address);
        Assert.Equal((false, (object?)null), (Get(View(pointer), "IsLive"), Get(View(pointer), "Value")));
    }

    [Fact]
    public void Handles_LiveStaleDefault_AndFreedByTheirAddress()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        var orders = new SlabHandles<Order>(runtime.CreateCache<Order>("orders"));
        SlabHandle<Order> handle = orders.Alloc(), misused = orders.Alloc();
        handle.Value = new Order { Id = 7 };
        handle.TryGet(out SlabPtr<Order> pointer);
        Assert.Equal((true, orders.Cache), (Get(View(handle), "IsLive"), Get(View(handle), "Cache")));
        Assert.Equal($"{handle} at 0x{pointer.Address:x} order 7", Line(handle));

        orders.Free(handle);
        Assert.Equal((false, (object?)null, $"{handle} stale"), (Get(View(handle), "IsLive"), Get(View(handle), "Value"), Line(handle)));
        Assert.Equal((false, "default"), (Get(View(default(SlabHandle<Order>)), "IsLive"), Line(default(SlabHandle<Order>))));

        misused.TryGet(out pointer);
        orders.Cache.Free(pointer.Address);
        Assert.Equal((true, false), (misused.IsLive, Get(View(misused), "IsLive"))); // the table does not know, the slab does
        Assert.Contains(": free in ", Line(misused), StringComparison.Ordinal);
    }

    [Fact]
    public void Reservations_AndPools()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache<Order>("orders");
        var reserved = new SlabReservation<Order>(cache, 3);
        SlabPtr<Order> taken = reserved.Alloc();
        Assert.Equal((cache, 2, "2 of 3 left of 'orders'"), (Get(View(reserved), "Cache"), Get(View(reserved), "Remaining"), Line(reserved)));
        SlabPtr<Order>[] left = Assert.IsType<SlabPtr<Order>[]>(Get(View(reserved), "Objects"));
        Assert.All(left, pointer => Assert.Equal(AddressKind.LiveObject, cache.Describe(pointer.Address).Kind));
        Assert.Equal((2, false), (left.Distinct().Count(), left.Contains(taken)));
        reserved.Dispose();
        Assert.Equal("of 'orders', disposed", Line(reserved));
        Assert.Empty(Assert.IsType<SlabPtr<Order>[]>(Get(View(reserved), "Objects")));

        using var pool = new Mempool<Order>(cache, 4, "spare");
        object view = View(pool.Untyped);
        Assert.Equal((cache, 4, 0L, 0), (Get(view, "Cache"), Get(view, "Minimum"), Get(view, "Outstanding"), Get(view, "Waiters")));
        Assert.Equal(4, Assert.IsType<nint[]>(Get(view, "Reserve")).Distinct().Count());
        Assert.Equal("spare: 4 of 4 in reserve, 0 out, 0 waiting", Line(pool.Untyped));
        cache.Free(taken.Address);
    }

    [Fact]
    public void CachesAndRuntimes_AndALookChangesNothing()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        KmemCache cache = runtime.CreateCache<Order>("orders");
        nint address = cache.Alloc();
        Assert.Equal(("orders", false, (object?)null), (Get(View(cache), "Name"), Get(View(cache), "IsDestroyed"), Get(View(cache), "Leak")));
        Assert.Equal(1, Assert.IsType<CacheSnapshot>(Get(View(cache), "Snapshot")).LiveObjects);
        Assert.Equal($"orders: 1 live of {Size} bytes, {cache.Snapshot().Bytes} bytes of slabs", Line(cache));

        object view = View(runtime);
        Assert.Equal((runtime.MemoryLimit, runtime.CommittedBytes), (Get(view, "MemoryLimit"), Get(view, "CommittedBytes")));
        Assert.All(view.GetType().GetProperties(), property => property.GetValue(view));
        Assert.Equal([cache], Assert.IsType<KmemCache[]>(Get(view, "Caches")));
        Assert.Equal([cache], runtime.Caches); // none of Kmalloc's
        cache.Free(address);
    }

    [Fact]
    public void ThatRuntimesAreKnown_KeepsNoneOfThemAlive()
    {
        WeakReference disposed = UseOne();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(disposed.IsAlive);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference UseOne()
        {
            using SlabRuntime runtime = TestRuntime.OfPages(64);
            runtime.CreateCache<Order>("orders"); // with no slot of this thread, which would hold it
            return new WeakReference(runtime.Pages);
        }
    }

    private static void AssertNothing(SlabPtr<Order> pointer, AddressKind kind)
    {
        object view = View(pointer);
        Assert.Equal((false, (object?)null, kind), (Get(view, "IsLive"), Get(view, "Value"), Assert.IsType<AddressInfo>(Get(view, "Place")).Kind));
        Assert.StartsWith($"0x{pointer.Address:x}: ", Line(pointer), StringComparison.Ordinal);
    }

    private static object View(object shown)
    {
        string name = Attribute<DebuggerTypeProxyAttribute>(shown).ProxyTypeName;
        Type proxy = Type.GetType(name, throwOnError: true)!;
        return Activator.CreateInstance(proxy.IsGenericTypeDefinition ? proxy.MakeGenericType(shown.GetType().GetGenericArguments()) : proxy, shown)!;
    }

    private static object? Get(object view, string property) => view.GetType().GetProperty(property)!.GetValue(view);

    private static string Line(object shown)
    {
        Assert.Equal("{DebuggerDisplay,nq}", Attribute<DebuggerDisplayAttribute>(shown).Value);
        return (string)shown.GetType().GetProperty("DebuggerDisplay", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(shown)!;
    }

    private static TAttribute Attribute<TAttribute>(object shown)
        where TAttribute : Attribute => shown.GetType().GetCustomAttribute<TAttribute>()!;

    private unsafe struct Order
    {
        public long Id;
        public fixed byte Rest[Size - 8];

        public override readonly string ToString() => $"order {Id}";
    }

    private unsafe struct Huge
    {
        public fixed byte Bytes[1 << 20];
    }
}
