using SlabGen.Memory;

namespace SlabGen.Tests.Memory;

/// <summary>The process keeps some of its mappings for the runtime. Takes nearly all of them, and so runs alone.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Collection(nameof(MappingBudgetTests))]
[CollectionDefinition(nameof(MappingBudgetTests), DisableParallelization = true)]
public sealed class MappingBudgetTests
{
    [Fact]
    public void Mappings_AreRefused_WhileTheRuntimeCanStillMapItsOwn()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && MappingBudget.Limit < 200_000, "no limit, or a high one");
        long pages = MappingBudget.Limit + 1, bytes = pages * Page.Size;
        nint start = OsMemory.Current.Reserve(bytes, Page.Size);
        using BackingFile file = BackingFile.InMemory("pages");
        Assert.True(file.TryGrow(bytes - Page.Size, Page.Size, out _)); // the rest is a hole that nothing touches

        string? refusal = null;
        long page = 0;
        while (page < pages && file.TryMap(start + ((nint)page * Page.Size), page * Page.Size, Page.Size, out refusal))
        {
            page += 2; // with a gap, so that each is a mapping of its own, and splits another
        }

        Assert.All(["memory file", "vm.max_map_count", $" {MappingBudget.Limit} "], part => Assert.Contains(part, refusal, StringComparison.Ordinal));
        Assert.InRange(page, MappingBudget.Limit / 2, MappingBudget.Limit * 6 / 8);
        Assert.True(BackingFile.TryUnmap(start, Page.Size));
        OsMemory.Current.Unmap(start, bytes);
    }
}
