namespace SlabGen.Tests.Concurrency;

/// <summary>
/// Proves that a healthy cache has no violation, and an address an honest description, also while threads allocate, free what others
/// allocated, come and go, and give everything back. Catches a walk that looks at what is on the move, and locks taken crosswise.
/// </summary>
public class ValidateUnderThreads
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_healthy_runtime_is_healthy_at_every_moment(bool constructed)
    {
        SlabRuntime runtime = TestRuntime.OfPages(512);
        var options = new SlabCacheOptions { MagazineRounds = 3, DepotBytes = 4096, ReuseDistanceBytes = 0 };
        KmemCache[] caches = constructed
            ? [runtime.CreateCache<Cell, Life>("first", options), runtime.CreateCache<Cell, Life>("second", options)]
            : [runtime.CreateCache<Cell>("first", options), runtime.CreateCache<Cell>("second", options)];
        var threads = new TestThreads();
        nint[] shared = new nint[64];
        long deadline = Environment.TickCount64 + ((long)TestThreads.StressTime.TotalMilliseconds / 2);
        bool Over() => Environment.TickCount64 >= deadline || threads.HasFailed;
        int seeds = 0, validations = 0, descriptions = 0;

        void Work()
        {
            var random = new Random(Interlocked.Increment(ref seeds));
            for (int round = 0; round < 5000 && !Over(); round++)
            {
                int place = random.Next(shared.Length);
                KmemCache cache = caches[place & 1];
                nint old = Interlocked.Exchange(ref shared[place], cache.Alloc());
                if (old != 0)
                {
                    cache.Free(old);
                }
            }

            if (!Over())
            {
                threads.Start(Work);
            }
        }

        for (int i = 0; i < 3; i++)
        {
            threads.Start(Work);
        }

        threads.Start(() =>
        {
            while (!Over())
            {
                caches[1].Shrink();
            }
        });
        for (int i = 0; i < 2; i++) // two, which must not take gates crosswise
        {
            int number = i;
            threads.Start(() =>
            {
                while (!Over())
                {
                    ValidationReport report = number == 0 ? runtime.Validate() : caches[1].Validate();
                    Assert.True(report.IsClean, report.ToString());
                    Interlocked.Increment(ref validations);
                    nint mine = caches[number].Alloc();
                    AddressInfo info = runtime.Describe(mine + 8);
                    Assert.Equal((AddressKind.LiveObject, caches[number], mine, 8L), (info.Kind, info.Cache, info.Start, info.Offset));
                    caches[number].Free(mine);
                    Interlocked.Increment(ref descriptions);
                }
            });
        }

        threads.Join();
        Assert.True(validations > 20 && descriptions > 20, $"{validations} validations, {descriptions} descriptions");
        for (int place = 0; place < shared.Length; place++)
        {
            if (shared[place] != 0)
            {
                caches[place & 1].Free(shared[place]);
            }
        }

        ValidationReport last = runtime.Validate();
        Assert.True(last.IsClean, last.ToString());
        runtime.Dispose();
    }

    private struct Cell
    {
#pragma warning disable CS0649, IDE0044 // Only the size matters.
        public long A, B, C, D;
#pragma warning restore CS0649, IDE0044
    }

    private sealed class Life : ISlabLife<Cell>
    {
        public static bool Construct(ref Cell value) => true;

        public static void Destruct(ref Cell value)
        {
        }
    }
}
