using SlabGen.Memory;

namespace SlabGen.Tests.Caches;

/// <summary>A backing that throws, which none of ours does, while objects come home: none of them has two owners afterwards.</summary>
public sealed class BrokenMemoryTests
{
    [Fact]
    public void What_throws_while_magazines_are_emptied_gives_no_object_two_owners()
    {
        var memory = new ThrowingMemory();
        SlabRuntime runtime = TestRuntime.OfPages(4096, memory: memory); // not disposed: its zone is broken
        KmemCache cache = runtime.CreateCache("o", 32 << 10, new SlabCacheOptions { MagazineRounds = 64, MinPartial = 0 });
        nint[] all = new nint[100];
        cache.AllocBulk(all);
        Array.ForEach(all, cache.Free); // two magazines
        memory.Throws = true;
        Exception? thrown = Record.Exception(() => cache.Shrink());
        memory.Throws = false;
        Assert.IsType<FormatException>(thrown);
        var seen = new HashSet<nint>();
        while (seen.Count < 200 && cache.TryAlloc(out nint address))
        {
            Assert.True(seen.Add(address), "an object was given out twice");
        }
    }

    private sealed class ThrowingMemory() : TestRuntime.DecoratedMemory(OsMemory.Current)
    {
        public bool Throws { get; set; }

        public override bool Trim(nint address, long bytes) => Throws ? throw new FormatException("broken") : base.Trim(address, bytes);
    }
}
