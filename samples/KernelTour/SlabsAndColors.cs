using SlabGen;
using static KernelTour.Tour;

namespace KernelTour;

/// <summary>A slab is some pages cut into objects of one kind. Its colour shifts where they begin.</summary>
internal static class SlabsAndColors
{
    public static void Run()
    {
        using var runtime = new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = 64 << 20, Processors = 1 });
        Step("Slabs", "A cache holds slabs: full, partial and empty ones. New objects come from the fullest partial slab.");
        KmemCache cache = runtime.CreateCache("dentry", 192);
        CacheSnapshot s = cache.Snapshot();
        Say($"{s.ObjectsPerSlab} objects of {s.SlotSize} bytes in a slab of {s.PagesPerSlab} page(s)");
        nint[] objects = new nint[(5 * s.ObjectsPerSlab) + 3];
        cache.AllocBulk(objects);
        cache.Shrink(); // gives back what the magazines took in advance
        s = cache.Snapshot();
        Say($"{s.LiveObjects} objects live: {s.FullSlabs} slabs full, {s.PartialSlabs} partial, {s.EmptySlabs} empty");
        Check(s.FullSlabs > 0 && s.PartialSlabs > 0 && s.LiveObjects == objects.Length, "full slabs and partial ones hold the objects");
        Say(SlabInfo.Format(runtime).Split('\n')[2]);
        cache.FreeBulk(objects);

        Step("Colours", "If every slab began alike, their first objects would fight for the same cache lines.");
        KmemCache colored = runtime.CreateCache("task", 1000);
        s = colored.Snapshot();
        long slab = s.SlabBytes;
        Say($"{s.ObjectsPerSlab} objects of {s.SlotSize} bytes leave {slab - (s.ObjectsPerSlab * s.SlotSize)} of {slab} bytes over: {s.Colors} colours, {s.ColorOffset} bytes apart");
        nint[] tasks = new nint[s.ObjectsPerSlab * 6];
        colored.AllocBulk(tasks);
        long[] offsets = [.. tasks.GroupBy(t => t / slab).Where(g => g.Count() == s.ObjectsPerSlab).Select(g => g.Min() % slab)];
        Say($"the first objects of the slabs that are full lie at +{string.Join(", +", offsets)}");
        Say($"the next slab gets colour {colored.Snapshot().NextColor}");
        Check(s.Colors == 1 || offsets.Distinct().Count() > 1, "slabs begin at different offsets");
        colored.FreeBulk(tasks);
    }
}
