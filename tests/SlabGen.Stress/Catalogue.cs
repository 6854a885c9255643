namespace SlabGen.Stress;

/// <summary>24 caches, of 8 bytes to 40 kB, with every option that a cache can have.</summary>
internal static class Catalogue
{
    public static Kind[] Make(Crew crew)
    {
        var account = new SlabAccount(crew.NameOf("account"), 1 << 20);
        void Warned(SlabLimitWarning warning) => Throwing.Perhaps(Throwing.Warning);
        return
        [
            Plain(crew, 8, new()),
            Plain(crew, 16, new() { Checked = true }),
            Plain(crew, 24, new() { RandomOrder = true }),
            Plain(crew, 32, new() { HwCacheAlign = true }),
            Plain(crew, 40, new() { Coloring = false }),
            Constructed<Words7>(crew, "constructed", new()),
            Constructed<Words8>(crew, "constructed-checked", new() { Checked = true, HwCacheAlign = true }),
            Plain(crew, 80, new() { MagazineRounds = 3, DepotBytes = 8 * 3 * 80, ReuseDistanceBytes = 0 }),
            Plain(crew, 96, new() { Zone = ZoneKind.Dma32 }),
            Plain(crew, 128, new() { Zone = ZoneKind.Dma32, Fallback = ZoneFallback.Strict }),
            Plain(crew, 160, new() { MaxObjects = 300, LimitWarning = Warned, LimitWarningInterval = TimeSpan.Zero }),
            Plain(crew, 200, new() { MaxBytes = 256 << 10, LimitWarning = Warned, LimitWarningInterval = TimeSpan.FromMilliseconds(10) }),
            Plain(crew, 256, new() { Account = account }),
            Constructed<Words125>(crew, "constructed-account", new() { Account = account }),
            Plain(crew, 384, new() { Account = account, MaxObjects = 2000 }),
            Plain(crew, 512, new() { TypeSafeByRcu = true }),
            Plain(crew, 768, new() { MagazineRounds = 1, DepotBytes = 0 }),
            Constructed<Words125>(crew, "constructed-rcu", new() { TypeSafeByRcu = true }),
            Plain(crew, 2000, new() { Reclaimable = true, MinPartial = 0 }),
            Plain(crew, 4096, new() { Alignment = 4096, Order = 3 }),
            Plain(crew, 6001, new() { Zone = ZoneKind.HighMem }),
            Plain(crew, 8192, new() { Zone = ZoneKind.Dma, RandomOrder = true, RandomSeed = 7 }),
            Plain(crew, 20_000, new() { ReuseDistanceBytes = 0 }),
            Plain(crew, 40_000, new() { Checked = true, Coloring = false }),
        ];
    }

    private static Kind Plain(Crew crew, int size, SlabCacheOptions options) => new(Try(() => crew.Runtime.CreateCache(crew.NameOf($"{size}"), size, options)), options, isConstructed: false);

    private static Kind Constructed<T>(Crew crew, string name, SlabCacheOptions options)
        where T : unmanaged => new(Try(() => crew.Runtime.CreateCache<T, PatternLife<T>>(crew.NameOf(name), options)), options, isConstructed: true);

    /// <summary>A low zone that is first named here may find no memory for its frames: then again, until memory fails no more.</summary>
    private static KmemCache Try(Func<KmemCache> make)
    {
        while (true)
        {
            try
            {
                return make();
            }
            catch (OutOfMemoryException)
            {
                Thread.Sleep(1);
            }
        }
    }
}
