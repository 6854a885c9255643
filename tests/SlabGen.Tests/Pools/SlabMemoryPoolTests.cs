using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace SlabGen.Tests.Pools;

/// <summary>Rented memory comes from slabs, costs no garbage in steady state, and every misuse that can be found is.</summary>
public sealed class SlabMemoryPoolTests
{
    [Theory]
    [InlineData(-1, 4096)]
    [InlineData(0, 8)]
    [InlineData(1, 8)]
    [InlineData(4096, 4096)]
    [InlineData(4097, 4608)]
    [InlineData(8193, 12288)]
    [InlineData(2_000_000, 2_002_944)]
    public void A_buffer_has_the_whole_of_its_block(int asked, int length)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        using var pool = new SlabMemoryPool(runtime.Kmalloc);
        using IMemoryOwner<byte> buffer = pool.Rent(asked);
        Assert.Equal(length, buffer.Memory.Length);
        buffer.Memory.Span.Fill(7);
        Assert.Equal(1, pool.RentedBuffers);
        TestRuntime.CheckHealth(runtime);
    }

    [Theory]
    [InlineData(-2)]
    [InlineData(int.MinValue)]
    [InlineData(8193)]
    [InlineData(int.MaxValue)]
    public void A_size_out_of_range_is_named_with_the_limit(int asked)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        using var pool = new SlabMemoryPool(runtime.Kmalloc, "small", maxBufferSize: 8192);
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => pool.Rent(asked));
        Assert.Equal("minBufferSize", error.ParamName);
        Assert.Contains($"'small': a buffer of {asked} bytes was asked for; 0 to 8192", error.Message, StringComparison.Ordinal);
        Assert.Equal(8192, pool.MaxBufferSize);
        Assert.Throws<ArgumentOutOfRangeException>(() => new SlabMemoryPool(runtime.Kmalloc, maxBufferSize: 4095));
        Assert.Throws<ArgumentException>(() => new SlabMemoryPool(runtime.Kmalloc, "a b"));
    }

    [Fact]
    public void Renting_costs_no_garbage_in_steady_state()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        using var pool = new SlabMemoryPool(runtime.Kmalloc);
        var rented = new IMemoryOwner<byte>[100]; // more than the two magazines of owners
        RentAndReturn(pool, rented);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            RentAndReturn(pool, rented);
        }

        long garbage = GC.GetAllocatedBytesForCurrentThread() - before;
        // Other tests take owners from the depot meanwhile: one of them may find it empty now and then.
        Assert.True(garbage < 100 * 100 * 16, $"{garbage} bytes for 10,000 buffers");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void RentAndReturn(SlabMemoryPool pool, IMemoryOwner<byte>[] rented)
    {
        for (int i = 0; i < rented.Length; i++)
        {
            rented[i] = pool.Rent();
        }

        foreach (IMemoryOwner<byte> buffer in rented)
        {
            buffer.Dispose();
        }
    }

    [Fact]
    public void Outside_checked_mode_a_second_disposal_does_nothing_and_a_look_throws()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        using var pool = new SlabMemoryPool(runtime.Kmalloc);
        IMemoryOwner<byte> buffer = pool.Rent();
        Memory<byte> memory = buffer.Memory;
        buffer.Dispose();
        buffer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => buffer.Memory);
        Assert.Throws<ObjectDisposedException>(() => memory.Span.Length);
        Assert.Throws<ObjectDisposedException>(() => memory.Pin());
        Assert.Equal(0, pool.RentedBuffers);
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public void In_checked_mode_a_second_disposal_and_a_later_use_are_found_whoever_rents_meanwhile()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256, isChecked: true);
        using var pool = new SlabMemoryPool(runtime.Kmalloc, "strict");
        IMemoryOwner<byte> buffer = RentHere(pool);
        Memory<byte> memory = buffer.Memory;
        buffer.Dispose();
        using IMemoryOwner<byte> next = pool.Rent();

        SlabException twice = Assert.Throws<SlabException>(buffer.Dispose);
        Assert.Equal((SlabFault.DoubleFree, "strict"), (twice.Fault, twice.CacheName));
        Assert.Contains(nameof(RentHere), twice.Message, StringComparison.Ordinal);
        Assert.Contains("and disposed", twice.Message, StringComparison.Ordinal);
        ObjectDisposedException late = Assert.Throws<ObjectDisposedException>(() => memory.Span.Length);
        Assert.Contains(nameof(RentHere), late.Message, StringComparison.Ordinal);
        Assert.Throws<ObjectDisposedException>(() => memory.Pin());
        next.Memory.Span.Fill(1); // it is the next renter's alone
        Assert.Equal(1, pool.RentedBuffers);
    }

    [Fact]
    public unsafe void In_checked_mode_a_span_that_was_kept_shows_poison()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256, isChecked: true);
        using var pool = new SlabMemoryPool(runtime.Kmalloc);
        using IMemoryOwner<byte> neighbour = pool.Rent(100); // keeps the slab
        IMemoryOwner<byte> buffer = pool.Rent(100);
        buffer.Memory.Span.Clear();
        Span<byte> kept = buffer.Memory.Span;
        buffer.Dispose();
        Assert.Equal(0x6b, kept[0]);
        Assert.Equal(0x6b, kept[^1]);
    }

    [Fact]
    public void A_leak_is_told_once_with_its_site_in_checked_mode()
    {
        SlabRuntime runtime = TestRuntime.OfPages(256, isChecked: true);
        var pool = new SlabMemoryPool(runtime.Kmalloc, "leaking");
        IMemoryOwner<byte> buffer = RentHere(pool);
        LeakReport leak = pool.FindRented();
        Assert.Equal(("leaking", 1), (leak.CacheName, leak.LiveObjects));
        Assert.Contains(nameof(RentHere), Assert.Single(leak.Sites), StringComparison.Ordinal);
        Assert.NotEqual(0, Assert.Single(leak.Addresses));

        InvalidOperationException told = Assert.Throws<InvalidOperationException>(pool.Dispose); // the tests' handler throws
        Assert.Contains("'leaking' still has 1 object(s)", told.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(RentHere), told.Message, StringComparison.Ordinal);
        pool.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pool.Rent());
        buffer.Memory.Span.Fill(1); // it stays what it is
        buffer.Dispose();
        Assert.True(pool.FindRented().IsClean);
        runtime.Close();
    }

    [Fact]
    public void A_leak_is_told_with_its_number_outside_checked_mode()
    {
        SlabRuntime runtime = TestRuntime.OfPages(256);
        var pool = new SlabMemoryPool(runtime.Kmalloc, "leaking");
        IMemoryOwner<byte>[] buffers = [pool.Rent(), pool.Rent(10)];
        Assert.Contains("'leaking' still has 2 object(s).", Assert.Throws<InvalidOperationException>(pool.Dispose).Message, StringComparison.Ordinal);
        Array.ForEach(buffers, buffer => buffer.Dispose());
        runtime.Close();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IMemoryOwner<byte> RentHere(SlabMemoryPool pool) => pool.Rent();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_pinned_buffer_goes_back_at_the_last_unpin(bool isChecked)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256, isChecked);
        using var pool = new SlabMemoryPool(runtime.Kmalloc);
        IMemoryOwner<byte> buffer = pool.Rent();
        MemoryHandle first = buffer.Memory.Pin(), second = buffer.Memory.Pin();
        buffer.Dispose();
        first.Dispose();
        Assert.Equal(1, pool.RentedBuffers);
        second.Dispose();
        Assert.Equal(0, pool.RentedBuffers);
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public void Memory_that_has_run_out_is_a_normal_event()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        using var pool = new SlabMemoryPool(runtime.Kmalloc);
        var rented = new List<IMemoryOwner<byte>>();
        void RentAll()
        {
            while (true)
            {
                rented.Add(pool.Rent());
            }
        }

        Assert.Throws<OutOfMemoryException>(RentAll);
        Assert.Equal(rented.Count, pool.RentedBuffers);
        rented.ForEach(buffer => buffer.Dispose());
        Assert.Equal(0, pool.RentedBuffers);
        pool.Rent().Dispose();
        TestRuntime.CheckHealth(runtime);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Buffers_of_an_instance_that_was_emptied_throw_and_are_discounted(bool isChecked)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(512, isChecked);
        Kmalloc kmalloc = runtime.CreateKmalloc("own");
        using var pool = new SlabMemoryPool(kmalloc);
        IMemoryOwner<byte> buffer = pool.Rent();
        Memory<byte> memory = buffer.Memory;
        kmalloc.Reset();
        Assert.Throws<ObjectDisposedException>(() => memory.Span.Length);
        buffer.Dispose();
        Assert.Equal(0, pool.RentedBuffers);
        Assert.True(kmalloc.Destroy().IsClean);
    }

    [Fact]
    public async Task Threads_that_hand_buffers_to_each_other_through_a_pipe_never_share_one()
    {
        using var runtime = new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = 64 << 20, Checked = false });
        using var pool = new SlabMemoryPool(runtime.Kmalloc);
        const int Total = 1 << 20;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(seed => Task.Run(() => PumpAsync(pool, seed, Total))));
        Assert.Equal(0, pool.RentedBuffers);
        TestRuntime.CheckHealth(runtime);
    }

    private static async Task PumpAsync(SlabMemoryPool pool, int seed, int total)
    {
        var pipe = new Pipe(new PipeOptions(pool));
        Task writing = Task.Run(async () =>
        {
            for (int written = 0; written < total;)
            {
                Memory<byte> memory = pipe.Writer.GetMemory(1 + (written % 5000));
                int bytes = Math.Min(memory.Length, total - written);
                for (int i = 0; i < bytes; i++)
                {
                    memory.Span[i] = (byte)(seed + written + i);
                }

                written += bytes;
                pipe.Writer.Advance(bytes);
                await pipe.Writer.FlushAsync();
            }

            await pipe.Writer.CompleteAsync();
        });
        int read = 0, wrong = 0;
        while (true)
        {
            ReadResult result = await pipe.Reader.ReadAsync();
            foreach (ReadOnlyMemory<byte> piece in result.Buffer)
            {
                foreach (byte value in piece.Span)
                {
                    wrong += value == (byte)(seed + read) ? 0 : 1;
                    read++;
                }
            }

            pipe.Reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                break;
            }
        }

        await pipe.Reader.CompleteAsync();
        await writing;
        Assert.Equal((total, 0), (read, wrong));
    }
}
