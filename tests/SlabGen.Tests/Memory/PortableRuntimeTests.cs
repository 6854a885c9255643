using SlabGen.Memory;
using SlabGen.Tests.Generated;

namespace SlabGen.Tests.Memory;

/// <summary>A whole runtime works on the portable backing, which cannot give back parts, and says what it keeps.</summary>
public sealed class PortableRuntimeTests
{
    [Fact]
    public unsafe void Objects_Blocks_ShrinkAndDispose()
    {
        var memory = new PortableMemory();
        SlabRuntime runtime = TestRuntime.OfPages(8 * 1024, memory: memory);
        KmemCache cache = runtime.CreateCache("o", 100);
        nint[] objects = new nint[50_000];
        for (int round = 0; round < 2; round++)
        {
            cache.AllocBulk(objects);
            for (int i = 0; i < objects.Length; i++)
            {
                new Span<byte>((void*)objects[i], 100).Fill((byte)i);
            }

            for (int i = 0; i < objects.Length; i++)
            {
                Assert.False(new Span<byte>((void*)objects[i], 100).ContainsAnyExcept((byte)i));
            }

            cache.FreeBulk(objects);
            Assert.False(cache.Shrink());
            Assert.True(runtime.CommittedBytes >= 5_000_000); // still held, and counted
        }

        nint large = runtime.Kmalloc.AllocZeroed(6 << 20);
        Assert.False(new Span<byte>((void*)large, 6 << 20).ContainsAnyExcept((byte)0));
        runtime.Kmalloc.Free(large);
        runtime.Dispose();
        Assert.Throws<ObjectDisposedException>(() => cache.Alloc());
    }

    [Fact]
    public void AWindowBeyondItsReach_IsCut()
    {
        using var runtime = new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = 1L << 29, Memory = new Bounded() });
        Assert.Equal(32 << 20, runtime.MemoryLimit);
    }

    private sealed class Bounded() : TestRuntime.DecoratedMemory(new PortableMemory())
    {
        public override long MaxReservation => 32 << 20;
    }
}
