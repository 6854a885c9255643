using SlabGen.Memory;
using SlabGen.Tests.Concurrency;
using SlabGen.Tests.Generated;

namespace SlabGen.Tests.Pages;

/// <summary>Pages without an address: they keep their contents, mapped or not.</summary>
public sealed class HighMemTests
{
    private const int Window = 8;

    [Fact]
    public unsafe void MorePagesThanCanBeMapped_KeepTheirContents()
    {
        using SlabRuntime runtime = New();
        PagePtr[] pages = [.. Enumerable.Range(0, 100).Select(_ => runtime.Pages.AllocPages(GfpFlags.HighUser, 0))];
        Zone zone = pages[0].Zone;
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < pages.Length; i++)
            {
                Assert.Equal((nint)0, pages[i].Address);
                using KmapScope map = runtime.Pages.KmapLocal(pages[i]);
                Assert.Equal(map.Address, pages[i].Address);
                Assert.Equal(round == 0 ? 0 : i + round - 1, round == 0 ? 0 : BitConverter.ToInt32(map.Bytes));
                BitConverter.TryWriteBytes(map.Bytes, i + round);
                Assert.InRange(zone.KmapPages, 1, Window);
            }
        }

        Assert.Equal((Window, Window), (zone.KmapPages, zone.LruPages));
        Array.ForEach(pages, runtime.Pages.FreePages);
        Assert.Equal((0, 0), (zone.KmapPages, zone.LruPages));
    }

    [Fact]
    public void TheLeastRecentlyUsedMapping_GoesFirst()
    {
        using SlabRuntime runtime = New();
        PagePtr[] pages = [.. Enumerable.Range(0, Window + 2).Select(_ => runtime.Pages.AllocPages(GfpFlags.HighUser, 0))];
        for (int i = 0; i < Window; i++)
        {
            Touch(i);
        }

        Touch(0); // now page 1 has waited longest
        Touch(Window);
        Assert.False(pages[1].Flags.HasFlag(PageFlags.Mapped));
        Assert.True(pages[0].Flags.HasFlag(PageFlags.Mapped));
        Touch(Window + 1);
        Assert.False(pages[2].Flags.HasFlag(PageFlags.Mapped));
        Array.ForEach(pages, runtime.Pages.FreePages);

        void Touch(int i)
        {
            runtime.Pages.Kmap(pages[i]);
            runtime.Pages.Kunmap(pages[i]);
        }
    }

    [Fact]
    public void AWindowInUse_IsRefusedByItsSize_AndMisuseByName()
    {
        using SlabRuntime runtime = New();
        PagePtr[] pages = [.. Enumerable.Range(0, Window + 1).Select(_ => runtime.Pages.AllocPages(GfpFlags.HighUser, 0))];
        Array.ForEach(pages[..Window], p => runtime.Pages.Kmap(p));
        Assert.Contains($"{Window} pages", Assert.Throws<InvalidOperationException>(() => runtime.Pages.Kmap(pages[Window])).Message, StringComparison.Ordinal);
        Assert.False(runtime.Pages.TryKmap(pages[Window], out nint none));
        Assert.Equal(0, none);

        nint again = runtime.Pages.Kmap(pages[0]); // counted
        Assert.Equal((2, again), (pages[0].MapCount, pages[0].Address));
        Assert.Contains("mapped 2 time(s)", Assert.Throws<InvalidOperationException>(() => runtime.Pages.FreePages(pages[0])).Message, StringComparison.Ordinal);
        runtime.Pages.Kunmap(pages[0]);
        runtime.Pages.Kunmap(pages[0]);
        Assert.Throws<InvalidOperationException>(() => runtime.Pages.Kunmap(pages[0]));
        runtime.Pages.Kmap(pages[Window]); // in its place
        runtime.Pages.FreePages(pages[0]);
        Assert.Contains("not allocated", Assert.Throws<InvalidOperationException>(() => runtime.Pages.Kmap(pages[0])).Message, StringComparison.Ordinal);
        foreach (PagePtr page in pages[1..])
        {
            runtime.Pages.Kunmap(page);
            runtime.Pages.FreePages(page);
        }

        PagePtr low = runtime.Pages.AllocPages(GfpFlags.Kernel, 0);
        Assert.Equal(low.Address, runtime.Pages.Kmap(low));
        runtime.Pages.Kunmap(low);
        runtime.Pages.FreePages(low);
    }

    [Fact]
    public void Blocks_OfZeros_AndTheirPages()
    {
        using SlabRuntime runtime = New();
        for (int round = 0; round < 2; round++)
        {
            PagePtr block = runtime.Pages.AllocPages(GfpFlags.HighUser | GfpFlags.Zero, 3);
            for (int i = 0; i < 8; i++)
            {
                using KmapScope map = runtime.Pages.KmapLocal(block + i);
                Assert.False(map.Bytes.ContainsAnyExcept((byte)0), $"page {i}, round {round}");
                map.Bytes.Fill(0xff);
                Assert.Equal(block.Index + i, (block + i).Index);
            }

            runtime.Pages.FreePages(block);
        }
    }

    [Fact]
    public unsafe void ARequestForAnAddress_ThatLandsHere_HasOneWhileItLives()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("slabgen-high").FullName, "pages");
        SlabRuntime runtime = New(path, pages: 64); // on disk, which the memory limit does not bound
        var held = new List<PagePtr>();
        while (runtime.Pages.TryAllocPages(GfpFlags.Kernel, 0, out PagePtr page))
        {
            held.Add(page);
        }

        PagePtr high = runtime.Pages.AllocPages(GfpFlags.Kernel, 2, ZoneFallback.Preferred);
        Assert.Equal(ZoneKind.HighMem, high.Zone.Kind);
        new Span<byte>((void*)high.Address, 4 * PageAllocator.PageSize).Fill(7);
        Assert.Equal(0, high.Zone.KmapPages); // not of the window's
        Assert.Equal(high.Address, runtime.Pages.Kmap(high));
        runtime.Pages.Kunmap(high);
        Assert.Throws<InvalidOperationException>(() => runtime.Pages.Kunmap(high));
        runtime.Pages.FreePages(high);
        Assert.Equal((nint)0, high.Address);

        foreach (int _ in new int[4])
        {
            runtime.Pages.FreePages(held[^1]); // for descriptors and magazines, which always lie in mapped memory
            held.RemoveAt(held.Count - 1);
        }

        KmemCache cache = runtime.CreateCache("high", 1000, new SlabCacheOptions { Zone = ZoneKind.HighMem });
        nint[] objects = new nint[100];
        cache.AllocBulk(objects);
        Assert.All(objects, o => Assert.Equal(ZoneKind.HighMem, runtime.Pages.PageOf(o).Zone.Kind));
        Array.ForEach(objects, o => new Span<byte>((void*)o, 1000).Fill(9));
        cache.FreeBulk(objects);
        Assert.False(cache.Shrink());
        held.ForEach(runtime.Pages.FreePages);
        runtime.Dispose();
    }

    [Fact]
    public void ADiskFile_IsMadeAndDeleted_AndDoesNotCountAsMemory()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("slabgen-high").FullName, "pages");
        SlabRuntime runtime = New(path: path, pages: 16);
        PagePtr[] pages = [.. Enumerable.Range(0, 50).Select(_ => runtime.Pages.AllocPages(GfpFlags.HighUser, 0))];
        Assert.True(new FileInfo(path).Length >= 50 * PageAllocator.PageSize);
        Assert.Contains(path, pages[0].Zone.Backing, StringComparison.Ordinal);
        Assert.InRange(runtime.CommittedBytes, 0, 16 * PageAllocator.PageSize);
        using (KmapScope map = runtime.Pages.KmapLocal(pages[3]))
        {
            map.Bytes.Fill(5);
        }

        // Deleted: what is stored stays, and no more is.
        File.Delete(path);
        var held = new List<PagePtr>();
        PagePtr more;
        while (runtime.Pages.TryAllocPages(GfpFlags.HighUser, 0, out more) && more.Zone.Kind == ZoneKind.HighMem)
        {
            held.Add(more);
        }

        if (!more.IsNull)
        {
            runtime.Pages.FreePages(more);
        }

        var error = Assert.Throws<OutOfMemoryException>(() => runtime.Pages.AllocPages(GfpFlags.HighUser, 5));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        using (KmapScope map = runtime.Pages.KmapLocal(pages[3]))
        {
            Assert.Equal(5, map.Bytes[^1]);
        }

        held.ForEach(runtime.Pages.FreePages);
        Array.ForEach(pages, runtime.Pages.FreePages);
        runtime.Dispose();

        SlabRuntime second = New(path: path);
        Assert.True(File.Exists(path));
        second.Dispose();
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void AFileThatWasCut_IsRefusedBeforeItFaults()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("slabgen-high").FullName, "pages");
        using SlabRuntime runtime = New(path: path);
        PagePtr page = runtime.Pages.AllocPages(GfpFlags.HighUser, 0);
        Assert.SkipUnless(OperatingSystem.IsLinux(), "cuts a file that is held");
        using (var cut = System.Diagnostics.Process.Start("truncate", ["-s", "0", path]))
        {
            cut.WaitForExit();
            Assert.SkipUnless(cut.ExitCode == 0, "truncate is not there");
        }

        Assert.Contains(path, Assert.Throws<IOException>(() => runtime.Pages.Kmap(page)).Message, StringComparison.Ordinal);
        runtime.Pages.FreePages(page);
    }

    [Fact]
    public void AFileThatCannotBeMade_IsAnErrorAtOnce()
    {
        Assert.SkipUnless(BackingFile.IsSupported, "this system has no such files");
        Assert.Contains("/no/such/directory", Assert.Throws<IOException>(() => New(path: "/no/such/directory/pages")).Message, StringComparison.Ordinal);
        string full = Path.GetTempFileName();
        File.WriteAllText(full, "mine");
        Assert.Contains(full, Assert.Throws<IOException>(() => New(path: full)).Message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(full));
    }

    [Fact]
    public void WithoutHighMemory_ItsRequestsGoLower()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        PagePtr page = runtime.Pages.AllocPages(GfpFlags.HighUser, 0);
        Assert.Equal(ZoneKind.Normal, page.Zone.Kind);
        runtime.Pages.FreePages(page);
    }

    [Fact]
    public void Threads_MapAndUnmapTogether()
    {
        using SlabRuntime runtime = New();
        var threads = new TestThreads();
        for (int t = 1; t <= 3; t++)
        {
            byte stamp = (byte)t;
            threads.Start(() =>
            {
                PagePtr[] pages = [.. Enumerable.Range(0, 10).Select(_ => runtime.Pages.AllocPages(GfpFlags.HighUser | GfpFlags.Zero, 0))];
                for (int i = 0; i < 2000; i++)
                {
                    using KmapScope map = runtime.Pages.KmapLocal(pages[i % 10]);
                    Assert.Equal(i < 10 ? (byte)0 : stamp, map.Bytes[i % 100]);
                    map.Bytes.Fill(stamp);
                }

                Array.ForEach(pages, runtime.Pages.FreePages);
            });
        }

        threads.Join();
        Assert.Equal(0, runtime.Pages.Zones.Single(z => z.Kind == ZoneKind.HighMem).KmapPages);
    }

    private static SlabRuntime New(string? path = null, int pages = 4096)
    {
        Assert.SkipUnless(BackingFile.IsSupported, "this system has no files that can be mapped page by page");
        return new SlabRuntime(new SlabRuntimeOptions
        {
            MemoryLimit = (long)pages * PageAllocator.PageSize * (path is null ? 8 : 1),
            MinFreeBytes = 0,
            Processors = 1,
            ReapInterval = Timeout.InfiniteTimeSpan,
            Pressure = TestRuntime.NoPressure,
            HighMem = new HighMemOptions { Bytes = 8 << 20, Path = path, MappedPages = Window },
        });
    }
}
