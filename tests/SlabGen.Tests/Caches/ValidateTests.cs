using System.Runtime.CompilerServices;
using SlabGen.Magazines;
using SlabGen.Slabs;
using SlabGen.Zones;

namespace SlabGen.Tests.Caches;

/// <summary>
/// Each record of the allocator that is wrong is counted, and nothing else: one thing is corrupted, and the number of violations is exact, as in
/// the kernel's slub_kunit. Catches a check that sees nothing, and one that sees what is not there.
/// </summary>
public sealed class ValidateTests : IDisposable
{
    private readonly SlabRuntime _runtime = TestRuntime.OfPages(64);
    private readonly KmemCache _cache;
    private readonly nint[] _live = new nint[20]; // of 64 in the one slab

    public ValidateTests()
    {
        _cache = _runtime.CreateCache("o", 64, new SlabCacheOptions { MagazineRounds = 4 });
        nint[] objects = new nint[40];
        _cache.AllocBulk(objects);
        _cache.FreeBulk(objects.AsSpan(20)); // two magazines here, three in the depot
        objects.AsSpan(0, 20).CopyTo(_live);
        Assert.Equal((3, 2, 1), (_cache.Snapshot().FullMagazines, _cache.Snapshot().LoadedMagazines, _cache.Snapshot().Slabs));
    }

    public void Dispose()
    {
        ValidationReport report = _runtime.Validate(); // every test undoes what it did
        Assert.True(report.IsClean, report.ToString());
        _cache.FreeBulk(_live);
        _runtime.Dispose();
    }

    [Fact]
    public void AHealthyCache_HasNone()
    {
        Assert.True(_cache.Validate().IsClean);
        Assert.Empty(_runtime.Validate().Messages);
        Assert.Equal("Every invariant holds.", _runtime.Validate().ToString());
    }

    [Fact]
    public unsafe void ABitOfTheBitmap()
    {
        Slab* slab = SlabOf(_live[0]);
        int index = (int)((_live[0] - slab->Memory) / 64);
        Slab.Free(slab)[index >> 6] ^= 1UL << (index & 63); // free, says the bitmap, but nobody gave it
        Expect(1, "objects in use, by the bitmap: found 39, expected 40");
        Slab.Free(slab)[index >> 6] ^= 1UL << (index & 63);
    }

    [Fact]
    public unsafe void InUse()
    {
        Slab* slab = SlabOf(_live[0]); // 40 of 64: in the 6th eighth
        slab->InUse++;
        Expect(2, "objects in use, by the bitmap", "objects taken from slabs");
        slab->InUse = 64;
        Expect(3, "list by the slab's fill", "objects in use, by the bitmap", "objects taken from slabs");
        slab->InUse = 40;
    }

    [Fact]
    public unsafe void TheListOfASlab()
    {
        Slab* slab = SlabOf(_live[0]);
        slab->List++;
        Expect(1, "list of the slab");
        slab->List--;
    }

    [Fact]
    public void TheCountOfAList()
    {
        SlabList[] lists = Lists(_cache.Slabs);
        int list = Array.FindIndex(lists, l => l.Count > 0);
        Count(ref lists[list])++;
        Expect(1, $"slabs on list {list}: found 2, expected 1");
        Count(ref lists[list])--;
    }

    [Fact]
    public unsafe void ALinkOfAList()
    {
        Slab* slab = SlabOf(_live[0]);
        slab->Prev = slab;
        Expect(1, "link back of the slab");
        slab->Prev = null;
        slab->Next = slab;
        Expect(1, "for the second time");
        slab->Next = null;
    }

    [Fact]
    public unsafe void TheObjectsOfASlab()
    {
        Slab* slab = SlabOf(_live[0]);
        slab->Objects--;
        Expect(2, "which no slab of this cache has", "objects in slabs");
        slab->Objects++;
    }

    [Fact]
    public unsafe void TheIdOfAFrame()
    {
        PageFrame* frame = FrameOf(_live[0]);
        frame->Private++;
        long violations = _cache.Validate().Violations;
        frame->Private--;
        Assert.Equal(1 + 20, violations); // and the objects in magazines, which lie in no slab of the cache then
    }

    [Fact]
    public unsafe void AFrameWithTheId_OutsideTheSlabs()
    {
        nint page = _runtime.Pages.GetZeroedPage();
        FrameOf(page)->Private = _cache.Slabs.CacheId;
        Expect(1, "pages that bear its id: found 2, expected 1");
        FrameOf(page)->Private = 0;
        _runtime.Pages.FreePages(page);
    }

    [Fact]
    public unsafe void ARoundOfAMagazine()
    {
        nint* round;
        using (_cache.Magazines.Depots[0].Hold())
        {
            round = Magazine.Rounds(Shelves(_cache.Magazines.Depots[0])[0].Newest);
        }

        nint kept = round[0];
        round[0] = round[1];
        Expect(1, $"0x{round[1]:x} lies in magazines more than once");
        round[0] = kept + 8;
        Expect(1, $"0x{kept + 8:x} lies in a magazine, and is no object taken from a slab (InteriorPointer)");
        round[0] = 0x1234;
        Expect(1, "(ForeignPointer)");
        round[0] = kept;
    }

    [Fact]
    public void APointerFreedTwice_IsSeen_WhereItWaits()
    {
        nint twice = _cache.Alloc();
        _cache.Free(twice);
        _cache.Free(twice);
        Expect(1, $"0x{twice:x} lies in magazines more than once");
        Assert.Equal(twice, _cache.Alloc());
    }

    [Fact]
    public unsafe void TheRoundsOfAMagazine()
    {
        Magazine* magazine = Shelves(_cache.Magazines.Depots[0])[0].Newest;
        magazine->Count--;
        Expect(2, "rounds of a full magazine: found 3, expected 4", "objects in the depot: found 12, expected 11");
        magazine->Count++;
    }

    [Fact]
    public unsafe void TheFreePagesOfAZone()
    {
        Zone zone = _runtime.Pages.Normal;
        int order = Array.FindIndex(zone.FreeBlocks(), count => count > 0);
        FrameList area = Areas(Buddy(zone))[order];
        PageFrame* frame = zone.Frame(area.First);
        PageFlags flags = frame->Flags;
        frame->Flags &= PageFlags.Cold; // neither free nor allocated: on a list where it should not be, in no block, and not among the free pages
        ExpectOfRuntime(3, "is on the list of free blocks", "is in no block", "pages in free blocks");
        frame->Flags = flags;

        Areas(Buddy(zone))[order].Count++;
        ExpectOfRuntime(1, $"free blocks of order {order}");
        Areas(Buddy(zone))[order].Count--;
    }

    [Fact]
    public unsafe void TheChunksOfAMetadataPage()
    {
        Assert.True(_runtime.Pages.Metadata.TryGetFrame((nint)SlabOf(_live[0]), out PageFrame* frame));
        frame->Chunks++;
        ExpectOfRuntime(1, "free chunks");
        frame->Chunks--;
    }

    [Fact]
    public void Messages_AreBounded_AndTheCountIsNot()
    {
        var report = new ValidationReport { Subject = "Test" };
        for (int i = 0; i < 20; i++)
        {
            report.Add($"violation {i}");
        }

        Assert.Equal(20, report.Violations);
        Assert.Equal(ValidationReport.MostMessages, report.Messages.Count);
        Assert.StartsWith("20 violation(s): Test: violation 0.", report.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("...", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void ADestroyedCache_AndADisposedRuntime_HaveNoReport()
    {
        SlabRuntime runtime = TestRuntime.OfPages(16);
        KmemCache cache = runtime.CreateCache("gone", 64);
        cache.Free(cache.Alloc());
        cache.Destroy();
        Assert.Throws<ObjectDisposedException>(() => cache.Validate());
        Assert.True(runtime.Validate().IsClean);
        runtime.Dispose();
        Assert.Throws<ObjectDisposedException>(() => runtime.Validate());
    }

    private void Expect(int violations, params string[] messages) => Check(_cache.Validate(), violations, messages);

    private void ExpectOfRuntime(int violations, params string[] messages) => Check(_runtime.Validate(), violations, messages);

    private static void Check(ValidationReport report, int violations, string[] messages)
    {
        Assert.True(report.Violations == violations, $"expected {violations}: {report}");
        Assert.All(messages, message => Assert.Contains(report.Messages, m => m.Contains(message, StringComparison.Ordinal)));
    }

    private unsafe PageFrame* FrameOf(nint address)
    {
        Assert.True(_runtime.Pages.TryGetFrame(address, out _, out PageFrame* frame));
        return frame;
    }

    private unsafe Slab* SlabOf(nint address) => (Slab*)FrameOf(address)->Mapping;

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_lists")]
    private static extern ref SlabList[] Lists(CacheSlabs node);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "<Count>k__BackingField")]
    private static extern ref int Count(ref SlabList list);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_shelves")]
    private static extern ref List<Shelf> Shelves(Depot depot);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_buddy")]
    private static extern ref BuddyAllocator Buddy(Zone zone);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_areas")]
    private static extern ref FrameList[] Areas(BuddyAllocator buddy);
}
