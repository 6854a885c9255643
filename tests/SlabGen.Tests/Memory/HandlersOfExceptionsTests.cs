using System.Runtime.ExceptionServices;
using SlabGen.Memory;
using SlabGen.Tests.Reclaim;

namespace SlabGen.Tests.Memory;

/// <summary>A handler of AppDomain.FirstChanceException runs where an error is thrown: there no lock of the allocator is held that it could need.</summary>
public sealed class HandlersOfExceptionsTests
{
    private static readonly Dictionary<string, Action> s_errors = new()
    {
        ["an element that is freed twice"] = () =>
        {
            using SlabRuntime runtime = TestRuntime.OfPages(64);
            using var pool = new Mempool(runtime.CreateCache("o", 64), 1);
            nint element = pool.Alloc();
            pool.Free(element);
            Check<SlabException>(() => pool.Free(element), () => pool.Free(pool.Alloc()));
        },
        ["a page that is unmapped too often"] = () => WithHighMem((pages, page) =>
            Check<InvalidOperationException>(() => pages.Kunmap(page), () => pages.KmapLocal(page).Dispose())),
        ["a page that is mapped too often"] = () => WithHighMem((pages, page) =>
        {
            for (int i = 0; i < ushort.MaxValue; i++)
            {
                pages.Kmap(page);
            }

            Check<InvalidOperationException>(() => pages.Kmap(page), () => pages.Kunmap(page));
            for (int i = 1; i < ushort.MaxValue; i++)
            {
                pages.Kunmap(page);
            }
        }),
        ["a shrinker that is registered"] = () =>
        {
            using SlabRuntime runtime = TestRuntime.OfPages(64);
            var shrinker = new TestShrinker();
            runtime.Shrinkers.Register(shrinker);
            Check<InvalidOperationException>(() => runtime.Shrinkers.Register(shrinker), () => runtime.Shrinkers.Unregister(shrinker));
        },
        ["the default that is in use"] = () =>
        {
            SlabRuntime.Default.CreateCache("o", 64).Destroy();
            Check<InvalidOperationException>(
                () => SlabRuntime.ConfigureDefault(new SlabRuntimeOptions()),
                () => Assert.IsNotType<LockRecursionException>(Record.Exception(() => SlabRuntime.ConfigureDefault(new SlabRuntimeOptions()))));
        },
        ["a deferred object that is freed twice"] = () =>
        {
            using SlabRuntime runtime = TestRuntime.OfPages(64, isChecked: true);
            KmemCache cache = runtime.CreateCache("o", 64);
            nint first = cache.Alloc(), others = cache.Alloc();
            using (Rcu.Read())
            {
                cache.FreeDeferred(first);
                Check<SlabException>(() => cache.FreeDeferred(first), () => cache.FreeDeferred(others));
            }
        },
        ["a low zone of a disposed runtime"] = () =>
        {
            SlabRuntime runtime = TestRuntime.OfPages(64);
            runtime.Dispose();
            var low = new SlabCacheOptions { Zone = ZoneKind.Dma32 };
            Check<ObjectDisposedException>(
                () => runtime.CreateCache("o", 64, low),
                () => Assert.IsNotType<LockRecursionException>(Record.Exception(() => runtime.CreateCache("o", 64, low))));
        },
    };

    public static TheoryData<string> Errors => [.. s_errors.Keys];

    [Theory]
    [MemberData(nameof(Errors))]
    public void A_handler_may_use_the_allocator(string error) => s_errors[error]();

    private static void Check<T>(Action fails, Action handle)
        where T : Exception
    {
        Thread mine = Thread.CurrentThread;
        bool inside = false, called = false;
        Exception? failure = null;
        EventHandler<FirstChanceExceptionEventArgs> handler = (_, thrown) =>
        {
            if (Thread.CurrentThread == mine && !inside && thrown.Exception is T)
            {
                inside = called = true;
                failure = Record.Exception(handle);
                inside = false;
            }
        };
        AppDomain.CurrentDomain.FirstChanceException += handler;
        try
        {
            Assert.ThrowsAny<T>(fails);
        }
        finally
        {
            AppDomain.CurrentDomain.FirstChanceException -= handler;
        }

        Assert.True(called);
        Assert.Null(failure);
    }

    private static void WithHighMem(Action<PageAllocator, PagePtr> test)
    {
        using var runtime = new SlabRuntime(new SlabRuntimeOptions
        {
            MemoryLimit = 4096L * Page.Size, Processors = 1, HighMem = new HighMemOptions { Bytes = 64L * Page.Size, MappedPages = 4 }, Pressure = TestRuntime.NoPressure,
        });
        PagePtr page = runtime.Pages.AllocPages(GfpFlags.Kernel | GfpFlags.HighMem, 0);
        test(runtime.Pages, page);
        runtime.Pages.FreePages(page);
    }
}
