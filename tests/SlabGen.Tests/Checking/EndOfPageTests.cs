using static SlabGen.Tests.Checking.Lettered;

namespace SlabGen.Tests.Checking;

/// <summary>
/// What lies behind the last object of a slab and before its first, where other memory of SlabGen may be the
/// neighbour: with red zones these bytes are the object's own, and a write there is found like any other.
/// </summary>
public sealed class EndOfPageTests
{
    [Theory]
    [InlineData(24)]
    [InlineData(64)]
    [InlineData(496)]
    [InlineData(4080)]
    public void A_write_beside_any_object_of_a_slab_is_told_and_harms_nothing(int size)
    {
        using SlabRuntime runtime = NewRuntime(SlabDebug.RedZones);
        KmemCache cache = runtime.CreateCache("o", size, new SlabCacheOptions { Coloring = false });
        nint[] objects = new nint[cache.Snapshot().ObjectsPerSlab * 2];
        cache.AllocBulk(objects);
        foreach (nint one in objects)
        {
            Write(one + size, 0xff);
            Write(one - 1, 0xff);
        }

        Assert.Equal(2 * objects.Length, cache.Validate().Violations);
        foreach (nint one in objects)
        {
            SlabReport report = Report(() => cache.Free(one), SlabFault.OutOfBounds);
            Assert.Equal((one, -1L), (report.ObjectAddress, report.Offset));
        }

        Assert.Equal(0, cache.Snapshot().LiveObjects);
        TestRuntime.CheckHealth(runtime);
        Assert.False(cache.Shrink());
        TestRuntime.CheckHealth(runtime);
    }
}
