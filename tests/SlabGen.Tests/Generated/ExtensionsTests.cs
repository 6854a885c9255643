namespace SlabGen.Tests.Generated;

/// <summary>A struct's extension members are those of the generated class.</summary>
public sealed class ExtensionsTests
{
    [Fact]
    public void TheMembersOfTheStruct_AreThoseOfTheClass()
    {
        SlabPtr<Parcel> parcel = Parcel.Alloc();
        Assert.Equal(1, ParcelCache.Cache.Snapshot().LiveObjects);
        parcel.Value.Weight = 5;
        Parcel.Free(parcel);
        Assert.Equal(parcel, parcel = Parcel.AllocZeroed());
        Assert.Equal(0, parcel.Value.Weight);
        Parcel.Free(parcel);
        Assert.True(Parcel.TryAlloc(out parcel));
        Parcel.Free(parcel);
        using (ParcelCache.Lease lease = Parcel.Rent())
        {
            Assert.Equal(1, ParcelCache.Cache.Snapshot().LiveObjects);
        }

        Assert.Equal(0, ParcelCache.Cache.Snapshot().LiveObjects);
        Assert.Equal(SlabFault.NullPointer, Assert.Throws<SlabException>(() => Parcel.Free(default)).Fault);
    }

    [Fact]
    public void EachInstantiation_UsesItsOwnCache()
    {
        SlabPtr<Crate<long>> crate = Crate<long>.Alloc();
        Assert.Equal((1, 0), (CrateCache<long>.Cache.Snapshot().LiveObjects, CrateCache<int>.Cache.Snapshot().LiveObjects));
        Crate<long>.Free(crate);
    }
}

[SlabCache(Extensions = true)]
internal struct Parcel
{
    public long Weight;
}

[SlabCache(Extensions = true)]
internal struct Crate<T>
    where T : unmanaged
{
    public T Content;
}
