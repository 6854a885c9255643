using SlabGen;
using static KernelTour.Tour;

namespace KernelTour;

/// <summary>
/// All four zones of a 64-bit machine, and locked and huge pages, each requested by the attribute of a struct.
/// </summary>
internal static class ZonesByAttribute
{
    public static void Run()
    {
        Step("Four zones, by attribute", "[SlabCache(Zone = ...)] on a struct says where its objects lie. With 64 bits there is DMA32 too: below 4 GiB.");
        SlabPtr<SoundBuffer> sound = SoundBufferCache.Alloc();
        SlabPtr<NetworkRing> ring = NetworkRingCache.Alloc();
        SlabPtr<Inode> inode = InodeCache.Alloc();
        SlabPtr<Thumbnail> thumbnail = ThumbnailCache.Alloc();
        (string What, nint Address, string Wanted, SlabRuntime Runtime)[] objects =
        [
            (nameof(SoundBuffer), sound.Address, "DMA", SlabRuntime.Default),
            (nameof(NetworkRing), ring.Address, "DMA32", SlabRuntime.Default),
            (nameof(Inode), inode.Address, "Normal", SlabRuntime.Default),
            (nameof(Thumbnail), thumbnail.Address, "HighMem", Machine.WithHighMem),
        ];
        foreach ((string what, nint address, string wanted, SlabRuntime runtime) in objects)
        {
            string got = runtime.Describe(address).Zone!.Name;
            Say($"{what,-12} at 0x{address,-14:x} in {got,-8}{(got == wanted ? "" : $"this system has no {wanted} for it")}");
            Check(got == wanted || !OperatingSystem.IsLinux(), $"a {what} lies in {wanted}");
        }

        SoundBufferCache.Free(sound);
        NetworkRingCache.Free(ring);
        InodeCache.Free(inode);
        ThumbnailCache.Free(thumbnail);

        Step("Locked and huge pages, by attribute", "[SlabCache(Pinning = ..., HugePages = ...)]: such classes share a runtime whose zones have their memory so.");
        using (KeyCache.Lease key = KeyCache.Rent())
        using (IndexCache.Lease index = IndexCache.Rent())
        {
            key.Value.First = 1;
            index.Value.First = 1;
            Zone locked = SlabRuntime.Of(Pinning.BestEffort, HugePages.None).Describe(key.Pointer.Address).Zone!;
            Zone huge = SlabRuntime.Of(Pinning.None, HugePages.Transparent).Describe(index.Pointer.Address).Zone!;
            Say($"a Key lies in {locked.Name}: {locked.Backing}. {locked.Shortage}");
            Say($"an Index lies in {huge.Name}: {huge.Backing}. {huge.Shortage}");
        }
    }
}

/// <summary>For an old device, which reads 24 bits of address.</summary>
[SlabCache(Zone = ZoneKind.Dma)]
internal struct SoundBuffer
{
    public long First;
}

/// <summary>For a device that reads 32 bits of address.</summary>
[SlabCache(Zone = ZoneKind.Dma32)]
internal struct NetworkRing
{
    public long First;
}

/// <summary>For the program alone.</summary>
[SlabCache(Zone = ZoneKind.Normal)]
internal struct Inode
{
    public long First;
}

/// <summary>May lie in a file.</summary>
[SlabCache(Zone = ZoneKind.HighMem)]
internal struct Thumbnail
{
    public long First;
}

/// <summary>Must never be swapped out.</summary>
[SlabCache(Pinning = Pinning.BestEffort)]
internal struct Key
{
    public long First;
}

/// <summary>Read at random, all over.</summary>
[SlabCache(HugePages = HugePages.Transparent)]
internal struct Index
{
    public long First;
}

/// <summary>The user's part of a generated class: it names a runtime that has high memory.</summary>
internal static partial class ThumbnailCache
{
    static partial void Configure(ref SlabRuntime runtime, ref SlabCacheOptions options) => runtime = Machine.WithHighMem;
}

internal static class Machine
{
    public static SlabRuntime WithHighMem { get; } = new(new SlabRuntimeOptions { MemoryLimit = 64 << 20, HighMem = new HighMemOptions { Bytes = 16 << 20 } });
}
